#!/bin/bash
# Runs in each of the environment's containers before requirements.txt is installed and Airflow starts. What it exports, Airflow and its
# tasks see. Whatever fails here stops the environment from starting, so that it does little.
# Source: Amazon MWAA User Guide, "Using a startup script with Amazon MWAA", read 2026-11.

# Calls of AWS's services are retried in boto3's standard mode, which backs off with jitter; its default is the legacy mode.
# Source: AWS SDKs and Tools Reference Guide, "Retry behavior", read 2026-11.
export AWS_RETRY_MODE=standard
export AWS_MAX_ATTEMPTS=5
