"""What guardians limit."""

from __future__ import annotations

from tortoise import migrations


class Migration(migrations.Migration):
    """Nothing yet."""

    dependencies = [("backend", "0010_notices")]
    initial = False
    operations = []
