package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import labeler.api.ApiJson;
import labeler.api.HealthAnswer;
import labeler.config.LabelConfig;
import labeler.config.ProgramVersion;
import labeler.http.HttpAnswer;
import labeler.http.Route;
import labeler.lifecycle.VmLifecycle;
import labeler.metrics.Metrics;
import labeler.selinux.SelinuxHost;
import org.apache.commons.io.IOUtils;

/** Endpoints about the service itself. */
public final class InfoEndpoints {
    private static final String OPENAPI = "/labeler/server/openapi.yaml";

    private final VmLifecycle lifecycle;
    private final Metrics metrics;
    private final LabelConfig config;
    private final SelinuxHost selinux;

    @Inject
    InfoEndpoints(VmLifecycle lifecycle, Metrics metrics, LabelConfig config, SelinuxHost selinux) {
        this.selinux = selinux;
        this.lifecycle = lifecycle;
        this.metrics = metrics;
        this.config = config;
    }

    List<Route> routes() {
        return List.of(
                Route.light("GET", "/v1/health", _ -> health()),
                Route.light("GET", "/v1/openapi.yaml", _ -> HttpAnswer.ok("application/yaml", openApi())),
                Route.light("GET", "/metrics", _ -> HttpAnswer.ok(Metrics.CONTENT_TYPE, metrics.text())));
    }

    private HttpAnswer health() {
        return HttpAnswer.ok(ApiJson.write(new HealthAnswer(
                HealthAnswer.OK,
                ProgramVersion.text(),
                config.enforcement().name().toLowerCase(Locale.ROOT),
                selinux.mode(),
                lifecycle.isRecovered(),
                lifecycle.held().vms())));
    }

    public static byte[] openApi() {
        try {
            return IOUtils.resourceToByteArray(OPENAPI);
        } catch (IOException e) {
            throw new IllegalStateException("the jar lacks " + OPENAPI, e);
        }
    }
}
