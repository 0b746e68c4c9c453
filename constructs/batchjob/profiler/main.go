// Command profiler measures landed files of daily weather: one profile for each month, as JSON under profiles/ in the curated bucket.
//
// It is the program of a Batch job, and takes its orders from the environment: LANDING and CURATED (buckets), PREFIX (of the landed
// keys), and OBJECT: the key of one object, whose month is profiled. Without OBJECT, every month that has changed is. Not arguments:
// Amazon ECS expands $(NAME) in a command, and a key may look like that.
//
// A file that cannot be used is part of its month's profile, not an error: no retry mends it. Exit code 75 means that S3 could not be
// asked, which the job's retry strategy tries again; 1 means that an order cannot be carried out.
// Source: AWS Batch User Guide, "Automated job retries"; Amazon ECS API, ContainerDefinition (command).
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	_ "golang.org/x/crypto/x509roots/fallback" // the image has no certificate authorities but these
)

// Exit codes. 75 is EX_TEMPFAIL of sysexits.h.
const (
	exitDone     = 0
	exitRefused  = 1
	exitTryAgain = 75
)

// errRefused marks what no retry mends.
var errRefused = errors.New("refused")

func main() {
	// Batch sends SIGTERM when a job is terminated or its time is up, and SIGKILL 30 seconds later.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	code := run(ctx, log)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, log *slog.Logger) int {
	settings, err := config.LoadDefaultConfig(ctx)
	if err == nil {
		err = newProfiler(settings, log).profile(ctx, os.Getenv("OBJECT"))
	}
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		log.Error("profiler", "error", err.Error())
		return exitRefused
	default:
		log.Error("profiler", "error", err.Error(), "again", true)
		return exitTryAgain
	}
}

// profiler holds where files come from and where profiles go.
type profiler struct {
	s3      *s3.Client
	landing string // bucket
	prefix  string // of the landed keys
	curated string // bucket
	log     *slog.Logger
}

func newProfiler(settings aws.Config, log *slog.Logger) *profiler {
	client := s3.NewFromConfig(settings, func(options *s3.Options) {
		// A local S3 has no host names for buckets.
		options.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
	})
	return &profiler{s3: client, landing: os.Getenv("LANDING"), prefix: os.Getenv("PREFIX"), curated: os.Getenv("CURATED"), log: log}
}

// profile profiles the month of the object, or every month that has changed. A month that fails does not hold up the others.
func (p *profiler) profile(ctx context.Context, object string) error {
	if p.landing == "" || p.curated == "" {
		return fmt.Errorf("%w: LANDING is %q and CURATED is %q, expected the names of two buckets", errRefused, p.landing, p.curated)
	}
	only := ""
	if object != "" {
		if only = p.monthOf(object); only == "" {
			return fmt.Errorf("%w: got the object %q, expected a key %syear=YYYY/month=MM/NAME", errRefused, object, p.prefix)
		}
	}
	months, err := p.landed(ctx, only)
	if err != nil {
		return err
	}
	var failed []error
	done, unchanged := 0, 0
	for _, month := range months {
		wrote, err := p.month(ctx, month)
		switch {
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", month.name, err))
		case wrote:
			done++
		default:
			unchanged++
		}
	}
	p.log.Info("run", "profiled", done, "unchanged", unchanged, "failed", len(failed))
	return errors.Join(failed...)
}
