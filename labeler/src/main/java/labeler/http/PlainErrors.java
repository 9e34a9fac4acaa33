package labeler.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import labeler.api.Refusal;
import labeler.json.JsonWriter;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What Jetty itself refuses, before a route is looked for: answered like everything else, and with no detail of ours. */
final class PlainErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpAnswer.JSON);
        response.write(true, ByteBuffer.wrap(json(status)), callback);
        return true;
    }

    private static byte[] json(int status) {
        Refusal.Reason reason =
                status >= HttpStatus.INTERNAL_SERVER_ERROR_500 ? Refusal.Reason.INTERNAL : Refusal.Reason.USAGE;
        String message = "the request is not one that labelerd reads: " + HttpStatus.getMessage(status);
        return (JsonWriter.compact(Refusal.because(reason, message).json()) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
