package labeler.server;

import jakarta.inject.Inject;
import labeler.api.Refusal;
import labeler.api.ScanBody;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.VmLifecycle;

/** Looking through directories for labels that nobody holds, a part a request. */
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
        return switch (ScanBody.read(call.body())) {
            case ScanBody.Unusable(String message) -> HttpAnswer.usage(message);
            case ScanBody.Body(ScanRequest request) ->
                switch (lifecycle.scan(request)) {
                    case ScanOutcome.NoSuchPlace(String message) -> HttpAnswer.usage(message);
                    case ScanOutcome.NotScanned(String message) ->
                        HttpAnswer.refusal(Refusal.because(Refusal.Reason.INTERNAL, message));
                    case ScanOutcome.Scanned(ScanPage page) -> {
                        requests.scanned(call.peer(), page);
                        yield HttpAnswer.ok(ScanBody.page(page));
                    }
                };
        };
    }
}
