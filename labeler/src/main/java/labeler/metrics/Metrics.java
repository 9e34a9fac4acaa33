package labeler.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmLifecycle;
import labeler.problem.Worded;

/** The metrics of the service. Names follow prometheus.io/docs/practices/naming. Safe for use by many threads. */
public final class Metrics {
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final PrometheusRegistry registry = new PrometheusRegistry();

    private final Counter requests = Counter.builder()
            .name("labeler_requests_total")
            .help("Requests answered, by route and HTTP status")
            .labelNames("route", "status")
            .register(registry);
    private final Histogram durations = Histogram.builder()
            .name("labeler_request_duration_seconds")
            .help("From the first byte of a request's body to the answer, by route")
            .labelNames("route")
            .classicUpperBounds(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)
            .classicOnly()
            .register(registry);
    private final Counter refusedPeers = Counter.builder()
            .name("labeler_peers_refused_total")
            .help("Connections from processes that may not use the service")
            .register(registry);
    private final Counter starts = Counter.builder()
            .name("labeler_vm_starts_total")
            .help("VM starts, by how they came out")
            .labelNames("outcome")
            .register(registry);
    private final Counter labels = Counter.builder()
            .name("labeler_labels_set_total")
            .help("Labels written to files at the start of a VM")
            .register(registry);
    private final Counter reports = Counter.builder()
            .name("labeler_file_outcomes_total")
            .help("Results for files at stops, relabellings and recoveries")
            .labelNames("outcome")
            .register(registry);

    /** Each outcome is counted from 0: a counter whose first value is 1 has not increased, and raises no alert. */
    public Metrics() {
        for (Start outcome : Start.values()) {
            starts.initLabelValues(outcome.word());
        }
        for (FileReport.Outcome outcome : FileReport.Outcome.values()) {
            reports.initLabelValues(outcome.word());
        }
    }

    /** The result of a start. */
    public enum Start implements Worded {
        STARTED,
        REFUSED,
        CONFLICT,
        FAILED
    }

    /** Sets the source of the held VMs and files, which is asked once at each scrape. */
    public void holds(Supplier<VmLifecycle.Held> now) {
        registry.register((MultiCollector) () -> {
            VmLifecycle.Held held = now.get();
            return MetricSnapshots.of(
                    gauge("labeler_vms", "VMs held", held.vms()),
                    gauge("labeler_files", "Files of held VMs, each once for each VM", held.files()));
        });
    }

    /** Sets the source of whether the registry of the hosts that share storage answers. */
    public void cluster(BooleanSupplier isReachable) {
        registry.register((Collector) () -> gauge(
                "labeler_cluster_reachable",
                "Whether the registry of the hosts that share storage answers: 1, or 0",
                isReachable.getAsBoolean() ? 1 : 0));
    }

    private static GaugeSnapshot gauge(String name, String help, int value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .value(value)
                        .build())
                .build();
    }

    /** Counts internal errors of these routes from 0. */
    public void serves(List<String> routes) {
        routes.forEach(route -> requests.initLabelValues(route, "500"));
    }

    public void request(String route, int status, Duration duration) {
        requests.labelValues(route, Integer.toString(status)).inc();
        durations.labelValues(route).observe(duration.toNanos() / 1e9);
    }

    public void peerRefused() {
        refusedPeers.inc();
    }

    public void start(Start outcome) {
        starts.labelValues(outcome.word()).inc();
    }

    public void labelsSet(long count) {
        labels.inc(count);
    }

    public void file(FileReport.Outcome outcome) {
        reports.labelValues(outcome.word()).inc();
    }

    /** All metrics in Prometheus' text format, version 0.0.4. */
    public byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot fail", e);
        }
        return out.toByteArray();
    }
}
