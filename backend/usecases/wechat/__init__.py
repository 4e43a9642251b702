"""WeChat accounts and phone numbers, behind codes of theirs."""
