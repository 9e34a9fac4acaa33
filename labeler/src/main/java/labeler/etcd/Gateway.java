package labeler.etcd;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;

/**
 * The members of an etcd cluster, through the JSON gateway that each has. A question goes to one member; if that one does
 * not answer, the next question goes to the next.
 */
public final class Gateway implements Members {
    /** A host's VMs with their files are a few megabytes, and the heap is small. */
    private static final long MOST_BYTES = 32 << 20;

    /** Headers come within the deadline, and the rest of an answer within another one. */
    private static final int DEADLINES = 2;

    private static final int MOST_VALUES = 10_000_000;
    private static final int OK = 200;

    /**
     * The answers of a member that has decided, and changed nothing: not understood, not logged in, not allowed, no such
     * thing, and no room (the gateway's form of gRPC's codes). Each other one may come from a member that is about to end,
     * with the question on its way to the others.
     */
    private static final Set<Integer> DECIDED = Set.of(400, 401, 403, 404, 413, 429);

    private final EtcdSettings settings;
    private final HttpClient client;
    private final JsonReader reader = new JsonReader(MOST_VALUES);
    private final AtomicInteger preferred = new AtomicInteger();
    private volatile Optional<String> token = Optional.empty();

    private Gateway(EtcdSettings settings, Optional<SSLContext> trust) {
        this.settings = settings;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(settings.deadline());
        trust.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /**
     * Opens the way to a cluster.
     *
     * @throws IOException if the authority's certificate cannot be used
     */
    public static Gateway to(EtcdSettings settings) throws IOException {
        return new Gateway(
                settings,
                settings.authority().isPresent()
                        ? Optional.of(Trust.in(settings.authority().get()))
                        : Optional.empty());
    }

    @Override
    public Reply ask(String path, Json question) {
        Reply reply = askOnce(path, question, token);
        if (reply instanceof Rejected(String message) && isAboutToken(message)) {
            Reply renewed = authenticate();
            return renewed instanceof Answered(JsonObject json) ? askOnce(path, question, json.text("token")) : renewed;
        }
        return reply;
    }

    /** The messages of etcd's that ask for a new token (rpctypes/error.go). */
    private boolean isAboutToken(String message) {
        return settings.user().isPresent()
                && (message.contains("invalid auth token")
                        || message.contains("user name is empty")
                        || message.contains("revision of auth store is old"));
    }

    private Reply authenticate() {
        EtcdSettings.User user = settings.user().orElseThrow();
        String password;
        try {
            password = Files.readString(user.passwordFile()).strip();
        } catch (IOException e) {
            return new Rejected("the password in " + user.passwordFile() + " cannot be read (" + e.getMessage() + ")");
        }
        // Without the old token, which others may still use.
        Reply reply = askOnce(
                "/v3/auth/authenticate",
                Json.object().put("name", user.name()).put("password", password).build(),
                Optional.empty());
        if (reply instanceof Answered(JsonObject json)) {
            token = json.text("token");
        }
        return reply;
    }

    private Reply askOnce(String path, Json question, Optional<String> authorization) {
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(JsonWriter.compact(question));
        String why = "no member takes a connection";
        int members = settings.endpoints().size();
        for (int tried = 0; tried < members; tried++) {
            int member = preferred.get();
            URI endpoint = settings.endpoints().get(member);
            HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(path))
                    .timeout(settings.deadline())
                    .header("Content-Type", "application/json")
                    .POST(body);
            authorization.ifPresent(one -> request.header("Authorization", one));
            try {
                Reply reply = reply(send(request.build()));
                if (reply instanceof Lost) {
                    preferred.compareAndSet(member, (member + 1) % members);
                }
                return reply;
            } catch (ConnectException | HttpConnectTimeoutException e) {
                // Nothing was sent, so the next member can be asked the same.
                preferred.compareAndSet(member, (member + 1) % members);
                why = endpoint.getAuthority() + ": " + reason(e);
            } catch (TimeoutException e) {
                preferred.compareAndSet(member, (member + 1) % members);
                return new Lost(endpoint.getAuthority() + ": it stalls within its answer");
            } catch (HttpTimeoutException e) {
                preferred.compareAndSet(member, (member + 1) % members);
                return new Lost(endpoint.getAuthority() + ": no answer within "
                        + settings.deadline().toMillis() + " ms");
            } catch (IOException e) {
                preferred.compareAndSet(member, (member + 1) % members);
                return new Lost(endpoint.getAuthority() + ": " + reason(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Lost("the service is about to end");
            }
        }
        return new Lost(why);
    }

    /**
     * Waits for the whole answer. The client's own timeout ends with the headers before Java 26 (JDK-8208693), and a member
     * that stalls after them would be waited for without an end.
     */
    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, TimeoutException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            return answer.get(settings.deadline().toMillis() * DEADLINES, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            // Ends the exchange, if it is not over.
            boolean _ = answer.cancel(true);
        }
    }

    private static String reason(IOException e) {
        return Optional.ofNullable(e.getMessage()).orElse("no connection");
    }

    /** A member without a leader, or that lost it, answers 503 or 504: the question may still be decided. */
    private Reply reply(HttpResponse<byte[]> response) {
        Optional<JsonObject> json = reader.read(response.body()) instanceof JsonReader.Value(JsonObject object)
                ? Optional.of(object)
                : Optional.empty();
        int status = response.statusCode();
        if (status == OK && json.isPresent()) {
            return new Answered(json.get());
        }
        String message = json.flatMap(one -> one.text("message").or(() -> one.text("error")))
                .orElseGet(() ->
                        new String(response.body(), 0, Math.min(response.body().length, 200), StandardCharsets.UTF_8));
        boolean isDecided = DECIDED.contains(status) && !message.contains("too many requests");
        return isDecided ? new Rejected(message) : new Lost("status " + status + ": " + message);
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
