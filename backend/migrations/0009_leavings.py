"""Who is leaving, and the cash drawers' rest."""

from __future__ import annotations

from tortoise import migrations


class Migration(migrations.Migration):
    """Nothing yet."""

    dependencies = [("backend", "0008_money_guards")]
    initial = False
    operations = []
