package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.StartBody;
import labeler.client.ServiceClient;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.HostPath;
import labeler.linux.Pid;

/** A labelerd of the runnable tree, with its own socket, state directory and run directory. */
final class ServiceFixture implements AutoCloseable {
    static final Path DIST = Path.of("target/dist").toAbsolutePath();

    private static final Duration PATIENCE = Duration.ofSeconds(Command.LIMIT_SECONDS);

    private final Path directory;
    private final Path state;
    private Optional<Process> process = Optional.empty();
    private List<String> before = List.of();

    ServiceFixture(Path directory) {
        this(directory, directory.resolve("state"));
    }

    ServiceFixture(Path directory, Path state) {
        this.directory = directory;
        this.state = state;
    }

    /** One whose guard lets the human monitor pass: a test asks for the kernel's answer, and not for the guard's. */
    static ServiceFixture withHumanMonitor(Path directory) throws IOException {
        ServiceFixture service = new ServiceFixture(directory);
        service.configure("[guard]\nallow = [\"human-monitor-command *\"]\n");
        service.start();
        return service;
    }

    /** A started service that answers. */
    static ServiceFixture started(Path directory) throws IOException {
        ServiceFixture service = new ServiceFixture(directory);
        service.start();
        return service;
    }

    /** The same, with both of the JVM's compilers, for what measures memory or time. */
    static ServiceFixture startedAsOnAHost(Path directory) throws IOException {
        ServiceFixture service = new ServiceFixture(directory);
        service.startAsOnAHost();
        return service;
    }

    Path socket() {
        return directory.resolve("socket");
    }

    Path runDirectory() {
        return directory.resolve("run");
    }

    Path state() {
        return state;
    }

    Path journal() {
        return state.resolve("journal.db");
    }

    long pid() {
        return running().pid();
    }

    /** Its memory. */
    long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    boolean answers() {
        return new ServiceClient(socket(), PATIENCE).get("/v1/health") instanceof ServiceClient.Answered answer
                && answer.succeeded();
    }

    boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    /** As a damaged disk does. The service does not run. */
    void loseJournal() throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(journal().resolveSibling(journal().getFileName() + suffix));
        }
    }

    /** The log of all services of this fixture. */
    String log() throws IOException {
        Path log = directory.resolve("log");
        return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    }

    /** Whether it has recovered the remains of an earlier service. It answers before that. */
    boolean isRecovered() {
        return new ServiceClient(socket(), PATIENCE).get("/v1/health") instanceof ServiceClient.Answered answer
                && new String(answer.body(), StandardCharsets.UTF_8).contains("\"recovered\":true");
    }

    /** Starts it and waits until it has recovered. */
    void start() throws IOException {
        launch();
        awaitAnswer();
    }

    /** The same, with both of the JVM's compilers and a rehearsal, as on a host. */
    void startAsOnAHost() throws IOException {
        launch("env", "--unset=LABELER_JAVA_OPTIONS");
        awaitAnswer();
    }

    /** Waits until a launched service answers. */
    void awaitAnswer() throws IOException {
        eventually("labelerd has started", () -> {
            assertThat(isAlive()).as("labelerd ended: %s", log()).isTrue();
            return isRecovered();
        });
    }

    /** Starts it, and does not wait. */
    void launch(String... before) throws IOException {
        assertThat(isAlive()).isFalse();
        Files.deleteIfExists(socket());
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(command());
        ProcessBuilder builder = new ProcessBuilder(command);
        // A service here lives for seconds: without the second compiler the tests take a quarter less of the
        // processors' time. A rehearsal would take its time too, and some tests count the calls of a service.
        builder.environment().putIfAbsent("LABELER_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -Dlabeler.rehearsal=false");
        process = Optional.of(builder.redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start());
    }

    /** Services that start from now on are started by this command. */
    void startBy(List<String> command) {
        before = List.copyOf(command);
    }

    /** Settings for services that start from now on, as in {@code labeler.toml}. */
    void configure(String settings) throws IOException {
        Files.writeString(settings(), settings);
    }

    /** Headers may name files anywhere below this directory. */
    void trustImagesBelow(Path root) throws IOException {
        configure("[image]\nroots = [\"" + root + "\"]\n");
    }

    Path settings() {
        return directory.resolve("labeler.toml");
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                DIST.resolve("bin/labelerd").toString(),
                "--socket",
                socket().toString(),
                "--state-dir",
                state.toString(),
                "--run-dir",
                directory.resolve("run").toString(),
                "--enforcement",
                "optional"));
        if (Files.exists(settings())) {
            command.addAll(List.of("--config", settings().toString()));
        }
        return command;
    }

    /** Runs it to its end, which must come by itself. */
    Command runToItsEnd() throws IOException {
        return Command.run(Map.of(), command());
    }

    /** SIGKILL. */
    void kill() {
        running().destroyForcibly();
        awaitEnd();
    }

    /** Sends SIGTERM; returns the exit code. */
    int terminate() {
        running().destroy();
        return awaitEnd();
    }

    int awaitEnd() {
        Process ending = running();
        assertThat(Command.await(ending)).as("labelerd ends in time").isTrue();
        process = Optional.empty();
        return ending.exitValue();
    }

    private Process running() {
        return process.orElseThrow(() -> new AssertionError("labelerd is not running"));
    }

    Reply get(String path) throws IOException {
        return reply(new ServiceClient(socket(), PATIENCE).get(path));
    }

    /** The body of an answer that is no JSON. */
    String text(String path) throws IOException {
        if (new ServiceClient(socket(), PATIENCE).get(path) instanceof ServiceClient.Answered answer) {
            return new String(answer.body(), StandardCharsets.UTF_8);
        }
        throw new AssertionError("no answer; the service said: " + log());
    }

    Reply post(String path, String body) throws IOException {
        return reply(ask(path, body));
    }

    /** Sends a request. An answer may never come. */
    ServiceClient.Outcome ask(String path, String body) {
        return new ServiceClient(socket(), PATIENCE).post(path, body.getBytes(StandardCharsets.UTF_8));
    }

    private Reply reply(ServiceClient.Outcome outcome) throws IOException {
        if (outcome instanceof ServiceClient.Answered answer
                && new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject body)) {
            return new Reply(answer.status(), body);
        }
        throw new AssertionError(outcome + "; the service said: " + log());
    }

    Reply start(String vm, List<String> argv) throws IOException {
        return post("/v1/vms/" + vm + "/start", body(argv, Optional.empty()));
    }

    Reply start(String vm, List<String> argv, long pid) throws IOException {
        return post("/v1/vms/" + vm + "/start", body(argv, Optional.of(new Pid(Math.toIntExact(pid)))));
    }

    static String body(List<String> argv, Optional<Pid> pid) {
        StartBody body = new StartBody(
                Optional.empty(),
                StartBody.Source.commandLine(
                        argv.stream()
                                .map(argument -> argument.getBytes(StandardCharsets.UTF_8))
                                .toList(),
                        HostPath.of("/")),
                Optional.empty(),
                pid,
                Optional.empty());
        return new String(ApiJson.body(body), StandardCharsets.UTF_8);
    }

    Reply stop(String vm) throws IOException {
        return post("/v1/vms/" + vm + "/stop", "");
    }

    Reply verify(String vm) throws IOException {
        return post("/v1/vms/" + vm + "/verify", "").ok();
    }

    boolean holds(String vm) throws IOException {
        return get("/v1/vms/" + vm).status() == 200;
    }

    /** Waits until the service has noticed the end of a VM's process, and restored everything. */
    void awaitGone(String vm) throws IOException {
        eventually(vm + " is given back", () -> !holds(vm));
    }

    /** The command line, with this service. */
    Command cli(List<String> arguments) throws IOException {
        return cli(arguments, new byte[0]);
    }

    Command cli(List<String> arguments, byte[] input) throws IOException {
        List<String> command = new ArrayList<>(List.of(labeler()));
        command.addAll(arguments);
        return Command.run(Map.of("LABELER_SOCKET", socket().toString()), command, input);
    }

    /** The command {@code labeler run} for this VM, for a process of its own. */
    List<String> running(String vm, List<String> qemu) {
        return Images.with(List.of(labeler(), "run", "--socket", socket().toString(), vm, "--"), qemu);
    }

    static String labeler() {
        return DIST.resolve("bin/labeler").toString();
    }

    /** Ends it; its log has no stack trace. */
    void closeAndCheckLog() throws IOException {
        close();
        assertNoStackTrace();
    }

    /** Checks that there is no stack trace: only developers understand one, and no test should cause one. */
    void assertNoStackTrace() throws IOException {
        assertThat(log()).doesNotContain("\tat ").doesNotContain("Exception");
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        if (process.isPresent()) {
            running().destroyForcibly();
            awaitEnd();
        }
    }
}
