// Package cost says what a pipeline would cost on AWS, line by line, and where the bills of two services cross.
//
// Prices are data (prices.yaml), each with the page to check it against, its day and, where it is not from that page, its origin;
// what has no known price is left out by name. Arithmetic is
// exact. How long a step takes for how much data is a model, whose every number is an assumption with a name that can be set otherwise;
// what a stack creates and pays for while idle is counted, and a test compares the counts with the golden templates.
// The package reads no clock and calls nothing. It leaves out what depends on the data alone and is the same whichever service orchestrates:
// objects in S3 and requests for them, logs, traces, requests to KMS, data transfer, taxes.
// Sources: the AWS pricing pages that prices.yaml names; AWS Price List API.
package cost
