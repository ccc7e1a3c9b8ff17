"""Versions of sources that were quoted, and statements that refer to them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What earlier releases showed, as far as their statements tell: neither titles nor texts were kept.
QUOTED_BEFORE = """
    INSERT INTO source (id, version, clinic, title, kind, sha256, first_seen_at)
    SELECT statement.source, statement.version, min(statement.clinic), '',
           CASE WHEN max(CASE WHEN statement.is_digest THEN 1 ELSE 0 END) = 1 THEN 'digest' ELSE 'original' END,
           NULL, min(turn.at)
    FROM statement JOIN turn ON turn.message_id = statement.message_id
    GROUP BY statement.source, statement.version
"""


def upgrade() -> None:
    """Make the table, fill it, and let statements refer to it."""
    op.create_table(
        "source",
        sa.Column("id", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clinic", sa.String(120)),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_source"),
    )
    op.execute(QUOTED_BEFORE)
    with op.batch_alter_table("statement") as statement:
        statement.create_foreign_key("fk_statement_source_version", "source", ["source", "version"], ["id", "version"])
