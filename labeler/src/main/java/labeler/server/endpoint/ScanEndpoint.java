package labeler.server.endpoint;

import jakarta.inject.Inject;
import labeler.api.ApiJson;
import labeler.api.ScanBody;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.lifecycle.VmLifecycle;

/** The endpoint that scans directories for labels that nobody holds, a part a request. */
final class ScanEndpoint {
    private final VmLifecycle lifecycle;
    private final RequestLog requests;

    @Inject
    ScanEndpoint(VmLifecycle lifecycle, RequestLog requests) {
        this.lifecycle = lifecycle;
        this.requests = requests;
    }

    Route route() {
        return new Route("POST", "/v1/recover/scan", this::scan);
    }

    private HttpAnswer scan(HttpCall call) {
        return switch (ApiJson.readBody(ScanBody.class, call.body())) {
            case NotUnderstood<ScanBody>(String message) -> HttpAnswer.usage(message);
            case Understood<ScanBody>(ScanBody body) ->
                switch (lifecycle.scan(body.request(), file -> requests.mended(call.peer(), file))) {
                    case ScanOutcome.NoSuchPlace(String message) -> HttpAnswer.usage(message);
                    case ScanOutcome.NotScanned(String message) -> HttpAnswer.failed(message);
                    case ScanOutcome.Scanned(ScanPage page) -> HttpAnswer.ok(ApiJson.write(page));
                };
        };
    }
}
