"""Questionnaires, intakes, their answers, and follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the intake."""
    op.create_table(
        "questionnaire",
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_questionnaire"),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_follow_up_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_follow_up_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_conversation_id", "follow_up", ["conversation_id"])
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("message_id", sa.Integer()),
        sa.Column("ticket_id", sa.Integer()),
        sa.Column("follow_up_id", sa.Integer()),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_intake_conversation_id"),
        sa.ForeignKeyConstraint(["fingerprint"], ["questionnaire.fingerprint"], name="fk_intake_fingerprint"),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name="fk_intake_follow_up_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_intake_message_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_intake_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
    )
    op.create_index("ix_intake_conversation_id", "intake", ["conversation_id"])
    op.create_index("ix_intake_ticket_id", "intake", ["ticket_id"])
    op.create_table(
        "intake_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(300), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("reading", sa.LargeBinary()),
        sa.Column("client_key", sa.String(64)),
        sa.Column("message_id", sa.Integer()),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_intake_answer_intake_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_intake_answer_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_answer"),
        sa.UniqueConstraint("intake_id", "client_key", name="uq_intake_answer_intake_id_client_key"),
        sa.UniqueConstraint("intake_id", "number", name="uq_intake_answer_intake_id_number"),
    )
