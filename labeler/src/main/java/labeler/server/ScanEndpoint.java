package labeler.server;

import jakarta.inject.Inject;
import labeler.api.Refusal;
import labeler.api.ScanBody;
import labeler.http.Answer;
import labeler.http.Call;
import labeler.http.Route;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.VmLifecycle;

/** Looking through directories for labels that nobody holds, a part a request. */
final class ScanEndpoint {
    private final VmLifecycle lifecycle;
    private final Bookkeeping books;

    @Inject
    ScanEndpoint(VmLifecycle lifecycle, Bookkeeping books) {
        this.lifecycle = lifecycle;
        this.books = books;
    }

    Route route() {
        return new Route("POST", "/v1/recover/scan", this::scan);
    }

    private Answer scan(Call call) {
        return switch (ScanBody.read(call.body())) {
            case ScanBody.Unusable(String message) -> Answer.usage(message);
            case ScanBody.Body(ScanRequest request) ->
                switch (lifecycle.scan(request)) {
                    case ScanOutcome.NoSuchPlace(String message) -> Answer.usage(message);
                    case ScanOutcome.NotScanned(String message) ->
                        Answer.refusal(Refusal.because(Refusal.Reason.INTERNAL, message));
                    case ScanOutcome.Scanned(ScanPage page) -> {
                        books.scanned(call.peer(), page);
                        yield Answer.ok(ScanBody.page(page));
                    }
                };
        };
    }
}
