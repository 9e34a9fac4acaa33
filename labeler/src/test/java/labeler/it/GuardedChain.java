package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;

/**
 * A VM whose disk {@code vd0} is {@code top}, on {@code middle}, on {@code base}: nodes with these names. Its qemu has
 * its images by descriptors alone.
 */
final class GuardedChain implements AutoCloseable {
    private static final String VM = "web1";

    private final Path directory;
    private final ServiceFixture service;
    private final Qemu qemu;
    private final QmpClient client;

    private GuardedChain(Path directory, ServiceFixture service, List<String> options) throws IOException {
        this.directory = directory;
        this.service = service;
        this.qemu = Qemu.start(service.running(VM, Images.qemu(options.toArray(String[]::new))));
        eventually("a socket", () -> Files.exists(socket()));
        this.client = new QmpClient(socket()).negotiated();
    }

    /** Before the service is started: a test that is skipped leaves nothing behind. */
    static void requireTools() {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io");
    }

    /**
     * Starts it.
     *
     * @param directory of the images
     */
    static GuardedChain started(Path directory, ServiceFixture service, String... more) throws IOException {
        requireTools();
        List<String> options = machine(more);
        String below = "";
        for (String name : List.of("base", "middle", "top")) {
            make(directory, name, below);
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"file\",\"node-name\":\"" + name + "-file\",\"filename\":\"" + directory.resolve(name)
                            + "\",\"auto-read-only\":true}"));
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":"
                            + (below.isEmpty() ? "null" : "\"" + below + "\"")
                            + (name.equals("top") ? "}" : ",\"read-only\":true}")));
            below = name;
        }
        return new GuardedChain(directory, service, options);
    }

    /** The same, with the images below as their headers name them. */
    static GuardedChain byHeaders(Path directory, ServiceFixture service) throws IOException {
        List<String> options = machine();
        String below = "";
        for (String name : List.of("base", "middle", "top")) {
            make(directory, name, below);
            below = name;
        }
        options.addAll(List.of(
                "-blockdev",
                "{\"driver\":\"qcow2\",\"node-name\":\"top\",\"file\":{\"driver\":\"file\",\"filename\":\""
                        + directory.resolve("top") + "\"}}"));
        return new GuardedChain(directory, service, options);
    }

    /** The same as an old {@code -drive}: its nodes have names of qemu's own, and go by themselves. */
    static GuardedChain asDrive(Path directory, ServiceFixture service) throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io");
        String below = "";
        for (String name : List.of("base", "middle", "top")) {
            make(directory, name, below);
            below = name;
        }
        List<String> options = new ArrayList<>(List.of("-M", "q35", "-device", "ide-cd,id=cd0"));
        options.addAll(List.of("-drive", "if=none,id=disk,format=qcow2,file=" + directory.resolve("top")));
        options.addAll(List.of("-device", "virtio-blk-pci,drive=disk,id=vd0"));
        return new GuardedChain(directory, service, options);
    }

    private static List<String> machine(String... more) {
        List<String> options = new ArrayList<>(
                List.of("-M", "q35", "-device", "virtio-blk-pci,drive=top,id=vd0", "-device", "ide-cd,id=cd0"));
        options.addAll(List.of(more));
        return options;
    }

    /** 4 MiB, with a part that it alone has. */
    static void make(Path directory, String name, String below) throws IOException {
        Path image = directory.resolve(name);
        List<String> create = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        if (!below.isEmpty()) {
            create.addAll(List.of("-b", directory.resolve(below).toString(), "-F", "qcow2"));
        }
        create.addAll(List.of(image.toString(), "4M"));
        succeed(create);
        int pattern = name.charAt(0);
        String offset = name.equals("base") ? "0" : name.equals("middle") ? "1M" : "2M";
        succeed(List.of(
                "qemu-io", "-f", "qcow2", "-c", "write -P " + pattern + " " + offset + " 1M", image.toString()));
    }

    static void succeed(List<String> command) throws IOException {
        Command run = Command.run(Map.of(), command);
        assertThat(run.exitCode()).as(command + ": " + run.out() + run.err()).isZero();
    }

    Path socket() {
        return service.runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
    }

    ServiceFixture service() {
        return service;
    }

    Qemu qemu() {
        return qemu;
    }

    QmpClient client() {
        return client;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Whether an image has all three parts, read through its chain. */
    void whole(String name) throws IOException {
        whole(path(name));
    }

    static void whole(Path image) throws IOException {
        succeed(List.of(
                "qemu-io",
                "-U",
                "-r",
                "-f",
                "qcow2",
                "-c",
                "read -P 98 0 1M",
                "-c",
                "read -P 109 1M 1M",
                "-c",
                "read -P 116 2M 1M",
                image.toString()));
    }

    /** What the header of an image says, in the words of qemu-img. */
    String header(String name) throws IOException {
        return Command.run(
                        Map.of(),
                        List.of(
                                "qemu-img",
                                "info",
                                "-U",
                                "-f",
                                "qcow2",
                                "--output=json",
                                path(name).toString()))
                .out();
    }

    Json done(String command) throws IOException {
        return client.done(command);
    }

    /** The text of the error with which a command is answered. */
    String refused(String command) throws IOException {
        JsonObject answer = client.ask(command);
        return answer.get("error").orElse(Json.nothing()) instanceof JsonObject error
                ? error.text("desc").orElse("")
                : answer.toString();
    }

    /** Waits until a job has this status; until it is gone for none. */
    void untilJob(String job, String status) throws IOException {
        eventually(job + " is " + status, () -> {
            String jobs = JsonWriter.compact(client.done("{'execute':'query-jobs'}"));
            String id = "\"" + job + "\"";
            return status.isEmpty() ? !jobs.contains(id) : jobs.contains(id) && jobs.contains(status);
        });
    }

    /** What {@code query-block} says of the disk: the image that it has. */
    JsonObject inserted() throws IOException {
        return disk().get("inserted").orElse(Json.nothing()) instanceof JsonObject image
                ? image
                : Json.object().build();
    }

    private JsonObject disk() throws IOException {
        return objects(done("{'execute':'query-block'}")).stream()
                .filter(drive -> drive.text("qdev").orElse("").contains("/vd0/"))
                .findFirst()
                .orElseThrow();
    }

    static List<JsonObject> objects(Json list) {
        return ((JsonArray) list)
                .elements().stream().map(JsonObject.class::cast).toList();
    }

    /** The names of all nodes. */
    List<String> nodes() throws IOException {
        return objects(done("{'execute':'query-named-block-nodes','arguments':{'flat':true}}")).stream()
                .flatMap(node -> node.text("node-name").stream())
                .toList();
    }

    /** Whether the VM holds a file, by the service's own word. */
    boolean holds(String name) throws IOException {
        return JsonWriter.compact(service.get("/v1/vms/" + VM).ok().body())
                .contains(path(name).toString());
    }

    /** qemu writes what it holds back; then each image is whole. */
    @Override
    public void close() throws IOException {
        client.close();
        qemu.close();
        for (String name : List.of("base", "middle", "top", "over", "over2", "copy", "mirror")) {
            if (path(name).toFile().length() > 0) {
                succeed(List.of(
                        "qemu-img", "check", "-q", "-f", "qcow2", path(name).toString()));
            }
        }
    }

    /** Ends it, and then its service, whose log is looked through. */
    void closeWithService() throws IOException {
        close();
        service.closeAndCheckLog();
    }
}
