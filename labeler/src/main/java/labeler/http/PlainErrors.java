package labeler.http;

import java.nio.ByteBuffer;
import labeler.http.RequestRefusal.Reason;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers for requests that Jetty itself refuses, before the route: in our usual form, and without our details. */
final class PlainErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        String message = "the request is not one that labelerd reads: " + HttpStatus.getMessage(status);
        HttpAnswer answer =
                HttpAnswer.refusal(HttpStatus.isServerError(status) ? Reason.INTERNAL : Reason.USAGE, message);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
        return true;
    }
}
