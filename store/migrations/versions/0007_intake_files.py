"""Files given as answers, each in a row of its own with what became of its reading."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table. A file of an earlier release stays inside its answer, where it was read before it was taken."""
    op.create_table(
        "intake_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("begun_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("reading", sa.LargeBinary()),
        sa.Column("message_id", sa.Integer()),
        sa.ForeignKeyConstraint(["answer_id"], ["intake_answer.id"], name="fk_intake_file_answer_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_intake_file_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_file"),
        sa.UniqueConstraint("answer_id", "place", name="uq_intake_file_answer_id_place"),
    )
    op.create_index("ix_intake_file_state", "intake_file", ["state"])
