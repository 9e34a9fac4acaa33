package labeler.http;

import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import labeler.linux.PeerIdentity;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects Jetty to the endpoints: reads the body, finds the route, and turns every result into an answer. */
public final class HttpHandler extends Handler.Abstract implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

    private final Router router;
    private final Metrics metrics;
    private final Limits limits;
    private final Bodies bodies;
    private final Workers workers;
    private final SecureRandom random = new SecureRandom();

    @Inject
    HttpHandler(Router router, Metrics metrics, Limits limits, PeerRules rules, Workers workers) {
        this.router = router;
        this.metrics = metrics;
        this.limits = limits;
        this.bodies = new Bodies(limits, rules);
        this.workers = workers;
        metrics.serves(router.routes().stream().map(Route::template).toList());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws IOException {
        long begin = System.nanoTime();
        Bodies.Body body = bodies.read(request, peer(request));
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        request.getConnectionMetaData().setAttribute(GatedHttp.COMPLETE, true);
        // The socket is idle while the answer is made. The client is not to blame for that.
        endPoint.setIdleTimeout(0);
        Router.Found found =
                router.find(request.getMethod(), request.getHttpURI().getPath());
        HttpAnswer answer = switch (body) {
            case Bodies.Whole whole -> {
                try (whole) {
                    yield answer(request, found, whole.bytes());
                }
            }
            case Bodies.NotRead(HttpAnswer refusal) -> refusal;
        };
        endPoint.setIdleTimeout(limits.idleTime().toMillis());
        Optional<Route> route = found instanceof Router.Match match ? Optional.of(match.route()) : Optional.empty();
        if (!isOwn(request)) {
            metrics.request(
                    route.map(Route::template).orElse("none"),
                    answer.status(),
                    Duration.ofNanos(System.nanoTime() - begin));
        }
        audit(request, answer);
        if (found instanceof Router.NoMatch(HttpAnswer _, Set<String> methods) && !methods.isEmpty()) {
            // RFC 9110 wants it in each answer 405.
            response.getHeaders().put(HttpHeader.ALLOW, String.join(", ", methods));
        }
        send(answer, route.filter(one -> one.effort() == Route.Effort.WORK).isPresent(), response, callback);
        return true;
    }

    private HttpAnswer answer(Request request, Router.Found found, byte[] body) {
        if (isOwn(request)) {
            // The service's health would come from memory, also if nothing else were ever answered again.
            workers.awaitProgress();
        }
        return switch (found) {
            case Router.Match(Route route, Map<String, String> parameters) ->
                switch (Query.read(
                        Objects.requireNonNullElse(request.getHttpURI().getQuery(), ""),
                        route.query(),
                        route.values())) {
                    case Query.Read query ->
                        answer(route, new HttpCall(parameters, query, body, peer(request), wish(request)));
                    case Query.Unusable(String message) -> HttpAnswer.usage(message);
                };
            case Router.NoMatch(HttpAnswer refusal, Set<String> _) -> refusal;
        };
    }

    /**
     * A fault of ours is logged with a number. The client sees only this number. The same goes for an {@link Error}.
     * One request may miss a class, if the program was replaced meanwhile, or lack memory. That must not end all
     * others.
     */
    private HttpAnswer answer(Route route, HttpCall call) {
        try {
            return switch (route.effort()) {
                case NONE -> route.endpoint().answer(call);
                case WORK -> workers.perform(() -> route.endpoint().answer(call));
            };
        } catch (OutOfMemoryError e) {
            LOG.error("no memory for {} {}", route.method(), route.template(), e);
            return HttpAnswer.busy("labelerd has no memory for this request just now; ask again, or ask for less");
        } catch (RuntimeException | Error e) {
            String id = HexFormat.of().toHexDigits(random.nextInt());
            LOG.error("fault {} at {} {}", id, route.method(), route.template(), e);
            return HttpAnswer.failed("labelerd failed; its log has the cause beside the number " + id);
        }
    }

    private static boolean isOwn(Request request) {
        return Boolean.TRUE.equals(request.getConnectionMetaData().getAttribute(GatedHttp.OWN));
    }

    private static HttpCall.Wish wish(Request request) {
        return new HttpCall.Wish(
                Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.ACCEPT), ""),
                Optional.ofNullable(request.getHeaders().get("Last-Event-ID")));
    }

    private static PeerIdentity peer(Request request) {
        if (request.getConnectionMetaData().getAttribute(GatedHttp.PEER) instanceof PeerIdentity peer) {
            return peer;
        }
        throw new IllegalStateException("a request came past the gate");
    }

    /** Logs who asked for a change, and the answer. A path holds no control character: a VM's name is encoded in it. */
    private static void audit(Request request, HttpAnswer answer) {
        if (request.getMethod().equals("POST") && !isOwn(request)) {
            LOG.info("{} for {}: {}", request.getHttpURI().getPath(), PeerRules.words(peer(request)), answer.status());
        }
    }

    private void send(HttpAnswer answer, boolean isWork, Response response, Callback callback) {
        response.setStatus(answer.status());
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        if (answer.isStreamed() || answer.body().length > 0) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
        }
        if (answer.isStreamed()) {
            stream(answer, isWork, response, callback);
            return;
        }
        if (answer.body().length > 0) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        }
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }

    /** Takes no more requests. */
    @Override
    public void close() {
        workers.close();
    }

    /** Streams an answer. A failure in the middle cuts it off, and the client can see that it is incomplete. */
    private void stream(HttpAnswer answer, boolean isWork, Response response, Callback callback) {
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            answer.write(isWork ? workers::performing : UnaryOperator.identity(), out);
        } catch (IOException e) {
            LOG.debug("a client went away before it had its answer: {}", e.getMessage());
            callback.failed(e);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("an answer is cut off", e);
            callback.failed(e);
            return;
        }
        callback.succeeded();
    }
}
