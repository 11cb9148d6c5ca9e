"""The only code that opens a connection: Healthcare API, Cloud Storage, BigQuery, and the clock."""
