#!/bin/bash
# Runs in each container of the environment, before requirements.txt is installed and Airflow starts. Airflow and its tasks see what it
# exports. Every new worker waits for it, so that it does no more.
# Source: Amazon MWAA User Guide, "Using a startup script with Amazon MWAA", read 2026-11.

# Calls of AWS's services are retried in boto3's standard mode, which backs off with jitter; its default is the legacy mode.
# Source: AWS SDKs and Tools Reference Guide, "Retry behavior", read 2026-11.
export AWS_RETRY_MODE=standard
export AWS_MAX_ATTEMPTS=5
