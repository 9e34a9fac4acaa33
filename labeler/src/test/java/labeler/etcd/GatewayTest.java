package labeler.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import labeler.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members that fail in ways that a real one shows too seldom for a test. */
class GatewayTest {
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int CANCELLED = 408;
    private static final int NO_LEADER = 503;
    private static final String QUESTION = "/v3/kv/txn";

    @TempDir
    private Path directory;

    /** What a member does with a question. */
    private interface Member {
        void answer(HttpExchange exchange) throws IOException;
    }

    /** A member on the loopback device. */
    private record Running(HttpServer server, ExecutorService threads) implements AutoCloseable {
        static Running of(Member member) throws IOException {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            ExecutorService threads = Executors.newCachedThreadPool();
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                member.answer(exchange);
            });
            server.start();
            return new Running(server, threads);
        }

        URI endpoint() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Gateway gateway(Optional<EtcdSettings.User> user, URI... endpoints) throws IOException {
        return gateway(Duration.ofSeconds(5), user, endpoints);
    }

    private static Gateway gateway(Duration deadline, Optional<EtcdSettings.User> user, URI... endpoints)
            throws IOException {
        return Gateway.to(new EtcdSettings(List.of(endpoints), Optional.empty(), user, deadline, deadline));
    }

    private static Members.Reply ask(Gateway gateway) {
        return gateway.ask(QUESTION, Json.object().build());
    }

    private static URI nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    @Test
    void a_dead_member_is_passed_by_after_all_members_have_failed_in_turn() throws IOException {
        AtomicInteger status = new AtomicInteger(NO_LEADER);
        try (Running second = Running.of(exchange -> answer(exchange, status.get(), "{}"));
                Running third = Running.of(exchange -> answer(exchange, NO_LEADER, "{}"));
                Gateway gateway = gateway(Optional.empty(), nobody(), second.endpoint(), third.endpoint())) {
            assertThat(ask(gateway)).as("of the second").isInstanceOf(Members.Lost.class);
            assertThat(ask(gateway)).as("of the third").isInstanceOf(Members.Lost.class);
            status.set(OK);
            assertThat(ask(gateway)).as("the first is dead").isInstanceOf(Members.Answered.class);
        }
    }

    @Test
    void a_member_that_ends_may_have_done_what_it_cancels() throws IOException {
        try (Running member = Running.of(exchange -> answer(
                        exchange, CANCELLED, "{\"code\":1,\"message\":\"grpc: the client connection is closing\"}"));
                Gateway gateway = gateway(Optional.empty(), member.endpoint())) {
            assertThat(ask(gateway)).isInstanceOf(Members.Lost.class);
        }
    }

    @Test
    void a_member_that_stalls_within_its_answer_is_not_waited_for() throws IOException {
        try (Running stalling = Running.of(exchange -> {
                    exchange.sendResponseHeaders(OK, 100);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    untilItsServerEnds();
                });
                Running second = Running.of(exchange -> answer(exchange, OK, "{}"));
                Gateway gateway =
                        gateway(Duration.ofMillis(500), Optional.empty(), stalling.endpoint(), second.endpoint())) {
            assertThat(assertTimeoutPreemptively(Duration.ofSeconds(60), () -> ask(gateway)))
                    .isInstanceOf(Members.Lost.class);
            assertThat(ask(gateway)).as("of the second").isInstanceOf(Members.Answered.class);
        }
    }

    private static void untilItsServerEnds() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void requests_at_once_get_over_a_token_that_has_ended() throws Exception {
        AtomicReference<String> valid = new AtomicReference<>("0");
        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        List<String> tokensOfLogins = Collections.synchronizedList(new ArrayList<>());
        try (Running member = Running.of(exchange -> {
                    Optional<String> token =
                            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
                    if (exchange.getRequestURI().getPath().endsWith("/authenticate")) {
                        token.ifPresent(tokensOfLogins::add);
                        answer(exchange, OK, "{\"token\":\"" + valid.get() + "\"}");
                    } else if (token.isEmpty()) {
                        answer(exchange, BAD_REQUEST, "{\"message\":\"etcdserver: user name is empty\"}");
                    } else if (token.get().equals(valid.get())) {
                        answer(exchange, OK, "{}");
                    } else {
                        answer(exchange, BAD_REQUEST, "{\"message\":\"etcdserver: invalid auth token\"}");
                    }
                });
                Gateway gateway = gateway(Optional.of(new EtcdSettings.User("alpha", password)), member.endpoint());
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int round = 1; round <= 100; round++) {
                valid.set(Integer.toString(round));
                List<Callable<Members.Reply>> questions = Collections.nCopies(8, () -> ask(gateway));
                for (Future<Members.Reply> reply : threads.invokeAll(questions)) {
                    assertThat(reply.get()).isInstanceOf(Members.Answered.class);
                }
            }
        }
        assertThat(tokensOfLogins).as("a login needs no token").isEmpty();
    }
}
