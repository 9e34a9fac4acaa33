package labeler.http;

import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** The refusal of a request for a reason that has nothing to do with what it asks for. */
public record RequestRefusal(Reason reason, String message) implements HttpRefusal {
    /** The reason; its name is the refusal's kind, for scripts. */
    public enum Reason {
        USAGE(400),
        NOT_PERMITTED(403),
        NO_SUCH_ENDPOINT(404),
        METHOD_NOT_ALLOWED(405),
        TOO_LARGE(413),
        INTERNAL(500),
        /** Nothing was done. The client may ask again. */
        BUSY(503);

        private final int httpStatus;

        Reason(int httpStatus) {
            this.httpStatus = httpStatus;
        }
    }

    @Override
    public int httpStatus() {
        return reason.httpStatus;
    }

    @Override
    public JsonObject json() {
        return Json.object()
                .put("kind", reason.name())
                .put("message", message)
                .put("problems", List.of())
                .build();
    }
}
