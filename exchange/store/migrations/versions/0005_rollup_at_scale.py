"""Revision 0005, after 0004: stored networks, rounds of releases, members of groups, progress of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

TABLES = (
    "release_part", "release_shard", "run_array", "network_array", "network_numbers", "network_node", "chain_member",
)


def upgrade() -> None:
    """Apply. Networks that are there are numbered in the order of their periods; their next roll-up stores them.

    The rows of `run_figure` go: a run's figures are in its arrays, which its next roll-up stores.
    """
    op.create_table('chain_member',
    sa.Column('chain_id', sa.String(length=36), nullable=False),
    sa.Column('organisation_id', sa.String(length=36), nullable=False),
    sa.Column('period_start', sa.Date(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['chain_id'], ['chain.id'], name=op.f('fk_chain_member_chain_id')),
    sa.ForeignKeyConstraint(
        ['organisation_id'], ['organisation.id'], name=op.f('fk_chain_member_organisation_id')
    ),
    sa.PrimaryKeyConstraint(
        'chain_id', 'organisation_id', 'period_start', 'period_end', name=op.f('pk_chain_member')
    )
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stage', sa.String(length=30), server_default='', nullable=False))
        batch_op.add_column(sa.Column('steps_done', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('steps_total', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('holds', sa.String(length=120), nullable=True))
        batch_op.create_index(
            'ix_job_holds',
            ['holds'],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )

    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('network_version', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('network', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('round', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('round_run_id', sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column('shards_left', sa.Integer(), server_default='0', nullable=False))
    op.execute(
        "UPDATE network SET number = (SELECT count(*) FROM network AS other WHERE other.period_start < "
        "network.period_start OR (other.period_start = network.period_start AND (other.period_end < "
        "network.period_end OR (other.period_end = network.period_end AND other.prefer <= network.prefer))))"
    )
    with op.batch_alter_table('network', schema=None) as batch_op:
        batch_op.alter_column('number', existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_network_number'), ['number'])

    op.create_table('network_node',
    sa.Column('network_number', sa.Integer(), nullable=False),
    sa.Column('node_number', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=300), nullable=False),
    sa.Column('product_id', sa.String(length=36), nullable=True),
    sa.Column('organisation_id', sa.String(length=36), nullable=True),
    sa.Column('is_present', sa.Boolean(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('links', sa.Text(), nullable=False),
    sa.Column('gaps', sa.Text(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ['network_number'], ['network.number'], name=op.f('fk_network_node_network_number')
    ),
    sa.PrimaryKeyConstraint('network_number', 'node_number', name=op.f('pk_network_node'))
    )
    with op.batch_alter_table('network_node', schema=None) as batch_op:
        batch_op.create_index('uq_network_node_key', ['network_number', 'key'], unique=True)
        batch_op.create_index('ix_network_node_product', ['network_number', 'product_id'], unique=False)
        batch_op.create_index(
            'ix_network_node_organisation', ['network_number', 'organisation_id'], unique=False
        )

    op.create_table('network_numbers',
    sa.Column('network_number', sa.Integer(), nullable=False),
    sa.Column('node_number', sa.Integer(), nullable=False),
    sa.Column('effects', sa.LargeBinary(), nullable=False),
    sa.Column('declared', sa.LargeBinary(), nullable=False),
    sa.Column('suppliers', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ['network_number'], ['network.number'], name=op.f('fk_network_numbers_network_number')
    ),
    sa.PrimaryKeyConstraint('network_number', 'node_number', name=op.f('pk_network_numbers'))
    )
    op.create_table('network_array',
    sa.Column('network_number', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('piece', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ['network_number'], ['network.number'], name=op.f('fk_network_array_network_number')
    ),
    sa.PrimaryKeyConstraint('network_number', 'version', 'piece', name=op.f('pk_network_array'))
    )
    op.create_table('run_array',
    sa.Column('run_id', sa.String(length=36), nullable=False),
    sa.Column('piece', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_array_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'piece', name=op.f('pk_run_array'))
    )
    op.create_table('release_shard',
    sa.Column('network_number', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('shard', sa.Integer(), nullable=False),
    sa.Column('first_chain', sa.String(length=36), nullable=False),
    sa.Column('last_chain', sa.String(length=36), nullable=False),
    sa.Column('chains', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(
        ['network_number'], ['network.number'], name=op.f('fk_release_shard_network_number')
    ),
    sa.PrimaryKeyConstraint('network_number', 'round', 'shard', name=op.f('pk_release_shard'))
    )
    op.create_table('release_part',
    sa.Column('release_id', sa.String(length=36), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('tier', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.String(length=36), nullable=True),
    sa.Column('product_id', sa.String(length=36), nullable=True),
    sa.Column('is_declared', sa.Boolean(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('other', sa.String(), nullable=True),
    sa.Column('many', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_release_part_release_id')),
    sa.PrimaryKeyConstraint('release_id', 'position', name=op.f('pk_release_part'))
    )
    _refuse_changes("release_part")
    _leave_uncompressed()
    op.drop_table('run_figure')


def _leave_uncompressed() -> None:
    """PostgreSQL compresses long values when they are written, slowly; arrays gain next to nothing by it."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("network_array", "run_array"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL")


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    """Take back; the next roll-up of every network makes anew what is lost."""
    op.create_table('run_figure',
    sa.Column('run_id', sa.String(length=36), nullable=False),
    sa.Column('product_id', sa.String(length=36), nullable=False),
    sa.Column('column', sa.String(length=24), nullable=False),
    sa.Column('own', sa.Float(), nullable=False),
    sa.Column('footprint', sa.Float(), nullable=False),
    sa.Column('error_bound', sa.Float(), nullable=False),
    sa.Column('measured', sa.Float(), nullable=True),
    sa.Column('allocated', sa.Float(), nullable=True),
    sa.Column('secondary', sa.Float(), nullable=True),
    sa.Column('unknown', sa.Float(), nullable=True),
    sa.Column('other_reading', sa.Float(), nullable=True),
    sa.Column('is_at_least', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_figure_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'product_id', 'column', name=op.f('pk_run_figure'))
    )
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table('network', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_network_number'), type_='unique')
        for column in ('shards_left', 'round_run_id', 'round', 'version', 'number'):
            batch_op.drop_column(column)
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_column('network_version')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_holds')
        for column in ('holds', 'steps_total', 'steps_done', 'stage'):
            batch_op.drop_column(column)
