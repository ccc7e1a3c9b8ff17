"""Proposed drafts, marks on their sentences, what became of them, and pasted mail."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of drafts."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("blanks", sa.Integer(), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("phrased_by", sa.String(120), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_proposal_draft_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_draft_id", "proposal", ["draft_id"])
    op.create_table(
        "draft_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_draft_mark_draft_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_draft_mark_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draft_mark"),
    )
    op.create_index("ix_draft_mark_draft_id", "draft_mark", ["draft_id"])
    op.create_table(
        "acceptance",
        sa.Column("reply_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.Column("untouched", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name="fk_acceptance_reply_id"),
        sa.PrimaryKeyConstraint("reply_id", name="pk_acceptance"),
    )
    op.create_table(
        "pasted",
        sa.Column("conversation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("cut", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_pasted_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_pasted_staff_id"),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_pasted"),
    )
