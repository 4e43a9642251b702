"""The terminal program of 校码 Xiaoma: reads codes, decides, keeps records, asks the server."""

SOFTWARE = "xiaoma-terminal 0.1.0"
