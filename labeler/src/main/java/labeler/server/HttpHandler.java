package labeler.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import labeler.api.Refusal;
import labeler.api.Refusal.Reason;
import labeler.linux.PeerIdentity;
import labeler.metrics.Metrics;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.input.BoundedInputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between Jetty and the endpoints: reads the body, finds the route, and turns whatever happens into an answer. */
final class HttpHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

    /** What is too large is still taken in, up to here, so that its sender gets to read why it is refused. */
    private static final long MAXIMUM_DISCARDED = 64L << 20;

    private final Router router;
    private final Metrics metrics;
    private final Limits limits;
    private final SecureRandom random = new SecureRandom();

    HttpHandler(Router router, Metrics metrics, Limits limits) {
        this.router = router;
        this.metrics = metrics;
        this.limits = limits;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws IOException {
        long begin = System.nanoTime();
        Optional<byte[]> body = body(request);
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        request.getConnectionMetaData().setAttribute(GatedHttp.COMPLETE, true);
        // While the answer is made nothing moves on the socket, and that is no fault of the client's.
        endPoint.setIdleTimeout(0);
        Router.Found found =
                router.find(request.getMethod(), request.getHttpURI().getPath());
        Answer answer = body.map(bytes -> answer(request, found, bytes)).orElseGet(this::tooLarge);
        endPoint.setIdleTimeout(limits.idleTime().toMillis());
        String route = switch (found) {
            case Router.Match(Route match, Map<String, String> _) -> match.template();
            case Router.NoSuchPath _, Router.OtherMethod _, Router.BadPath _ -> "none";
        };
        metrics.request(route, answer.status(), Duration.ofNanos(System.nanoTime() - begin));
        audit(request, answer);
        send(answer, response, callback);
        return true;
    }

    private Answer answer(Request request, Router.Found found, byte[] body) {
        return switch (found) {
            case Router.Match(Route route, Map<String, String> parameters) ->
                switch (Query.read(
                        Objects.requireNonNullElse(request.getHttpURI().getQuery(), ""), route.query())) {
                    case Query.Read(Set<String> on) -> answer(route, new Call(parameters, on, body, peer(request)));
                    case Query.Unusable(String message) -> VmEndpoints.usage(message);
                };
            case Router.NoSuchPath _ ->
                Answer.refusal(Refusal.because(
                        Reason.NO_SUCH_ENDPOINT, "no such endpoint; /v1/openapi.yaml lists those there are"));
            case Router.OtherMethod(var allowed) ->
                Answer.refusal(Refusal.because(
                        Reason.METHOD_NOT_ALLOWED, "this endpoint has only " + String.join(", ", allowed)));
            case Router.BadPath _ -> VmEndpoints.usage("the path of the URL is not percent-encoded UTF-8");
        };
    }

    /**
     * A fault of ours is logged with a number that the client gets to see, and no more of it. An {@link Error} too: a
     * class that is not there for one request, since the program was replaced under it, must not end all others. (A heap
     * that is exhausted ends the process: see bin/labelerd.)
     */
    private Answer answer(Route route, Call call) {
        try {
            return route.endpoint().answer(call);
        } catch (RuntimeException | Error e) {
            byte[] number = new byte[4];
            random.nextBytes(number);
            String id = HexFormat.of().formatHex(number);
            LOG.error("fault {} at {} {}", id, route.method(), route.template(), e);
            return Answer.refusal(
                    Refusal.because(Reason.INTERNAL, "labelerd failed; its log has the cause beside the number " + id));
        }
    }

    private Answer tooLarge() {
        return Answer.refusal(
                Refusal.because(Reason.TOO_LARGE, "the body is larger than " + limits.bodySize() + " bytes"));
    }

    /** The whole body; empty if it is too large. A client hears that only once it has sent the rest, which is let go by. */
    private Optional<byte[]> body(Request request) throws IOException {
        try (InputStream in = first(MAXIMUM_DISCARDED, Content.Source.asInputStream(request))) {
            byte[] body = IOUtils.toByteArray(first(limits.bodySize() + 1L, in));
            if (body.length <= limits.bodySize()) {
                return Optional.of(body);
            }
            IOUtils.consume(in);
            return Optional.empty();
        }
    }

    private static InputStream first(long bytes, InputStream in) throws IOException {
        return BoundedInputStream.builder()
                .setInputStream(in)
                .setMaxCount(bytes)
                .get();
    }

    private static PeerIdentity peer(Request request) {
        if (request.getConnectionMetaData().getAttribute(GatedHttp.PEER) instanceof PeerIdentity peer) {
            return peer;
        }
        throw new IllegalStateException("a request came past the gate");
    }

    /** Who asked for a change, and what was answered. A path holds no control character; a VM's name is encoded in it. */
    private static void audit(Request request, Answer answer) {
        if (request.getMethod().equals("POST")) {
            LOG.info("{} for {}: {}", request.getHttpURI().getPath(), PeerRules.words(peer(request)), answer.status());
        }
    }

    private static void send(Answer answer, Response response, Callback callback) {
        response.setStatus(answer.status());
        if (answer.body().length > 0) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        }
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }
}
