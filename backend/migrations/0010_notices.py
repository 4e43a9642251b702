"""More messages and more ways to send them."""

from __future__ import annotations

from tortoise import migrations


class Migration(migrations.Migration):
    """Nothing yet."""

    dependencies = [("backend", "0009_leavings")]
    initial = False
    operations = []
