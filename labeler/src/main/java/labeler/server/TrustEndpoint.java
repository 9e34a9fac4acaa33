package labeler.server;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import labeler.api.Refusal;
import labeler.api.TrustJson;
import labeler.http.Answer;
import labeler.http.Call;
import labeler.http.Route;
import labeler.lifecycle.VmLifecycle;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;

/** An administrator who vouches for what an image refers to. */
final class TrustEndpoint {
    private final VmLifecycle lifecycle;
    private final Bookkeeping books;

    @Inject
    TrustEndpoint(VmLifecycle lifecycle, Bookkeeping books) {
        this.lifecycle = lifecycle;
        this.books = books;
    }

    Route route() {
        return new Route("POST", "/v1/trust", Set.of(VmCall.DRY_RUN), this::trust);
    }

    private Answer trust(Call call) {
        return switch (TrustJson.read(call.body())) {
            case TrustJson.Unusable(String message) -> Answer.usage(message);
            case TrustJson.Body(TrustJson.Request request) ->
                switch (lifecycle.trust(request.image(), request.format(), VmCall.isDryRun(call))) {
                    case TrustOutcome.Trusted trusted -> {
                        if (!VmCall.isDryRun(call)) {
                            books.trusted(call.peer(), trusted);
                        }
                        yield Answer.ok(TrustJson.trusted(trusted, VmCall.isDryRun(call)));
                    }
                    case TrustOutcome.NotTrusted(List<Problem> problems) -> Answer.refusal(Refusal.because(problems));
                };
        };
    }
}
