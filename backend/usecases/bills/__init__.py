"""WeChat Pay's bills: fetched, held against our books, and what differs settled by two."""
