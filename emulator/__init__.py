"""An embedded Google Cloud for the pipeline: Healthcare API, Cloud Storage and BigQuery on loopback."""
