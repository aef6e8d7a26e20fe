"""Helpdesks' own webhooks: each message a row before anything is done with it, read by a job."""
