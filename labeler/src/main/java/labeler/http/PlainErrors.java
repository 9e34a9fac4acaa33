package labeler.http;

import java.nio.ByteBuffer;
import labeler.api.Refusal;
import labeler.api.Refusal.Reason;
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
        String message = "the request is not one that labelerd reads: " + HttpStatus.getMessage(status);
        HttpAnswer answer = HttpAnswer.refusal(
                Refusal.because(HttpStatus.isServerError(status) ? Reason.INTERNAL : Reason.USAGE, message));
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
        return true;
    }
}
