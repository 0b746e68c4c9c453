package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"example.com/pipewright/scaffold/cloud"
	"example.com/pipewright/scaffold/cost"
)

var costRefreshCommand = command{
	name: "cost refresh",
	args: "[--region R] [--output FILE]",
	summary: "Reads the prices of one or more Regions from the AWS Price List and prints them as a file for scaffold cost --prices.\n" +
		"It needs AWS credentials that may do pricing:GetProducts, and reads nothing of the account.",
	example: "scaffold cost refresh --region eu-central-1 --output prices.yaml",
	run:     runCostRefresh,
}

func runCostRefresh(s *shell, flags *flag.FlagSet, args []string) error {
	var regions repeated
	flags.Var(&regions, "region", "read the prices of the AWS Region `R` (default "+cost.DefaultRegion+"); may be repeated")
	output := flags.String("output", "", "write them to `FILE`, in one step, instead of standard output")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if len(regions) == 0 {
		regions = repeated{cost.DefaultRegion}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	all := &cost.Prices{}
	for _, region := range slices.Compact(slices.Sorted(slices.Values(regions))) {
		read, err := cloud.PriceList(ctx, cloud.ListOptions{
			Region: region, Day: s.now(), Progress: func(line string) { fmt.Fprintln(s.stderr, line) },
		})
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return errCanceled
		}
		if err != nil {
			return err
		}
		all = all.Over(read)
	}
	text, err := all.YAML()
	if err != nil {
		return err
	}
	if *output != "" {
		return writeWhole(*output, text, 0o644)
	}
	_, err = s.stdout.Write(text)
	return err
}
