package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service, or a qemu, is killed with SIGKILL while the disk of a VM gets an overlay, is committed, is mirrored. The
 * next service makes all files what the qemu then needs, and the end of the VM gives all back.
 */
@Timeout(3600)
class GuardKillPointsIT {
    /** Writes of the journal and labels, commands and descriptors to qemu. */
    private static final List<String> SERVICE_CALLS = List.of("fdatasync", "fsetxattr", "sendmsg", "write");

    private static final List<String> QEMU_CALLS = List.of("fdatasync", "pwrite64");

    /** Every n-th call of all; by default only the first, the second, the fourth … */
    private static final boolean IS_LONG = Boolean.getBoolean("labeler.all-kill-points");

    private static final int MOST = IS_LONG ? 200 : 4;
    private static final String VM = "web1";
    private static final Pattern NODE = Pattern.compile("\"node-name\":\"([^\"]*)\"");

    private final Path temporary;

    @AutoClose
    private final ServiceFixture service;

    private final SortedMap<String, SortedMap<String, String>> before;
    private int count;
    private final Set<Path> halfMade = new HashSet<>();

    GuardKillPointsIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("strace", "qemu-system-x86_64", "qemu-img", "getfattr", "setfattr");
        Files.createDirectory(images());
        make("base", Optional.empty());
        make("middle", Optional.of("base"));
        make("top", Optional.of("middle"));
        before = Attributes.of(images());
        service = ServiceFixture.started(temporary);
    }

    private Path images() {
        return temporary.resolve("images");
    }

    private Path path(String name) {
        return images().resolve(name);
    }

    private void make(String name, Optional<String> below) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        below.ifPresent(image -> command.addAll(List.of("-b", path(image).toString(), "-F", "qcow2")));
        command.addAll(List.of(path(name).toString(), "4M"));
        Command.done(command.toArray(String[]::new));
        Attributes.label(path(name), Images.HOME);
    }

    /** The disk vd0 is top, on middle, on base. */
    private Qemu running() throws IOException {
        List<String> options = new ArrayList<>(List.of("-M", "q35", "-device", "virtio-blk-pci,drive=top,id=vd0"));
        String below = "null";
        for (String name : List.of("base", "middle", "top")) {
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"file\",\"node-name\":\"" + name + "-file\",\"filename\":\"" + path(name)
                            + "\",\"auto-read-only\":true}"));
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":"
                            + below + ",\"read-only\":" + !name.equals("top") + "}"));
            below = "\"" + name + "\"";
        }
        return Qemu.start(service.running(VM, Images.qemu(options.toArray(String[]::new))));
    }

    /** A client of the guard, once it serves. */
    private QmpClient client(Qemu qemu) throws IOException {
        Path socket = service.runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
        List<QmpClient> connected = new ArrayList<>();
        eventually("the guard serves", () -> {
            assertThat(qemu.isAlive()).as("qemu lives").isTrue();
            try {
                connected.add(new QmpClient(socket).negotiated());
            } catch (IOException e) {
                return false;
            }
            return true;
        });
        return connected.getFirst();
    }

    /** A flow, each part of which is one command and its effects. */
    private enum Flow {
        SNAPSHOT,
        COMMIT,
        MIRROR
    }

    /** Does it as far as the service and qemu live; each time the chain is as long as before, or longer. */
    private void run(Flow flow, QmpClient client) throws IOException {
        String name = "new" + ++count;
        String disk = disk(client);
        switch (flow) {
            case SNAPSHOT -> snapshot(client, name, disk);
            case COMMIT -> {
                String top = below(client, disk).orElseThrow();
                client.ask("{'execute':'block-commit','arguments':{'job-id':'" + name + "','device':'" + disk
                        + "','top-node':'" + top + "','base-node':'"
                        + below(client, top).orElseThrow() + "'}}");
                untilJob(client, name, "");
            }
            case MIRROR -> {
                client.ask("{'execute':'drive-mirror','arguments':{'job-id':'" + name + "','device':'" + disk
                        + "','target':'" + path(name) + "','format':'qcow2','sync':'top','node-name':'" + name
                        + "-node'}}");
                untilJob(client, name, "ready");
                client.ask("{'execute':'job-complete','arguments':{'id':'" + name + "'}}");
                untilJob(client, name, "");
            }
        }
    }

    private void snapshot(QmpClient client, String name, String disk) throws IOException {
        client.ask("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'" + disk + "','snapshot-file':'"
                + path(name) + "','snapshot-node-name':'" + name + "-node','format':'qcow2'}}");
    }

    private static String disk(QmpClient client) throws IOException {
        String devices = JsonWriter.compact(client.done("{'execute':'query-block'}"));
        Matcher name = NODE.matcher(devices);
        assertThat(name.find()).as(devices).isTrue();
        return name.group(1);
    }

    /** The node below another, by the name of the file that both tell. */
    private static Optional<String> below(QmpClient client, String node) throws IOException {
        List<JsonObject> nodes = ((JsonArray) client.done("{'execute':'query-named-block-nodes'}"))
                .elements().stream().map(JsonObject.class::cast).toList();
        Optional<String> file = nodes.stream()
                .filter(one -> one.text("node-name").equals(Optional.of(node)))
                .findFirst()
                .flatMap(one -> member(one, "image"))
                .flatMap(image -> member(image, "backing-image"))
                .flatMap(image -> image.text("filename"));
        return nodes.stream()
                .filter(one -> file.isPresent()
                        && one.text("file").equals(file)
                        && one.text("drv").equals(Optional.of("qcow2")))
                .findFirst()
                .flatMap(one -> one.text("node-name"));
    }

    private static Optional<JsonObject> member(JsonObject object, String name) {
        return object.get(name).filter(JsonObject.class::isInstance).map(JsonObject.class::cast);
    }

    private static void untilJob(QmpClient client, String job, String status) throws IOException {
        eventually(job + " is over, or " + status, () -> {
            String jobs = JsonWriter.compact(client.done("{'execute':'query-jobs'}"));
            return !jobs.contains("\"" + job + "\"") || (!status.isEmpty() && jobs.contains("\"" + status + "\""));
        });
    }

    @Test
    void the_service_is_killed_at_any_of_its_steps() throws IOException {
        int points = 0;
        try (Qemu qemu = running()) {
            for (Flow flow : Flow.values()) {
                for (String call : SERVICE_CALLS) {
                    boolean isKilled = true;
                    for (int n = 1; isKilled && n <= MOST; n = IS_LONG ? n + 1 : 2 * n) {
                        String point = "killed at " + call + " " + n + " of " + flow;
                        ready(qemu, flow);
                        isKilled = isKilled(flow, call, n, qemu);
                        asQemuNeeds(qemu, point);
                        points += isKilled ? 1 : 0;
                    }
                }
            }
            qemu.terminate();
        }
        asBefore("after kills of the service");
        System.out.println("service killed at " + points + " points of flows");
        assertThat(points).isGreaterThan(Flow.values().length);
        service.assertNoStackTrace();
    }

    /** No job runs, no node is left over, and the chain is long enough for the flow. */
    private void ready(Qemu qemu, Flow flow) throws IOException {
        try (QmpClient client = client(qemu)) {
            for (JsonObject job : jobs(client)) {
                String id = job.text("id").orElseThrow();
                client.ask("{'execute':'block-job-cancel','arguments':{'device':'" + id + "','force':true}}");
                untilJob(client, id, "");
            }
            String disk = disk(client);
            Optional<String> next = below(client, disk);
            boolean isLong = next.isPresent() && below(client, next.get()).isPresent();
            if (flow == Flow.COMMIT && !isLong) {
                snapshot(client, "more" + ++count, disk);
            }
        }
    }

    private static List<JsonObject> jobs(QmpClient client) throws IOException {
        return ((JsonArray) client.done("{'execute':'query-jobs'}"))
                .elements().stream().map(JsonObject.class::cast).toList();
    }

    /** Whether the flow brought the service to its n-th call and to its end. Then the next service is up. */
    private boolean isKilled(Flow flow, String call, int n, Qemu qemu) throws IOException {
        try (QmpClient client = client(qemu);
                Strace _ = Strace.killing(service, call, n)) {
            run(flow, client);
        } catch (IOException e) {
            // The connection has ended with the service.
        }
        if (service.answers()) {
            return false;
        }
        service.awaitEnd();
        service.start();
        return true;
    }

    /** What qemu has open is on record, and each label is that of the record. */
    private void asQemuNeeds(Qemu qemu, String point) throws IOException {
        AtomicReference<String> last = new AtomicReference<>("");
        try {
            eventually("labels are as qemu needs them", () -> {
                String now = complaints(qemu);
                last.set(now);
                return now.isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError(point + ": " + last.get() + service.log(), e);
        }
        assertThat(service.verify(VM).number("drift")).as(point).isZero();
    }

    private static Optional<String> label(SortedMap<String, SortedMap<String, String>> all, Path file) {
        return Optional.ofNullable(all.get(file.toString())).flatMap(Attributes::label);
    }

    private String complaints(Qemu qemu) throws IOException {
        JsonObject status = service.get("/v1/vms/" + VM).ok().body();
        Optional<String> image = status.text("imageContext");
        Map<Path, Boolean> open = open(qemu);
        StringBuilder complaints = new StringBuilder();
        Set<Path> recorded = new HashSet<>();
        SortedMap<String, SortedMap<String, String>> attributes = Attributes.of(images());
        for (JsonObject file :
                status.elements("files").stream().map(JsonObject.class::cast).toList()) {
            Path path = Path.of(file.text("path").orElseThrow());
            Optional<String> label = label(attributes, path);
            recorded.add(path);
            if (!label.equals(file.text("context"))) {
                complaints.append(path + " has " + label + ", not as recorded: " + file + "\n");
            }
            if (!open.containsKey(path) && path.startsWith(images())) {
                complaints.append(path + " is held for nothing\n");
            }
            // The set of a file that the VM had for writing at its start keeps a descriptor for that until its end.
            if (label.equals(image) && !open.getOrDefault(path, false) && path.startsWith(images())) {
                complaints.append(path + " is labelled for writing, and open for reading\n");
            }
        }
        open.keySet().stream()
                .filter(path -> !recorded.contains(path))
                .forEach(path -> complaints.append(path + " is open and not held\n"));
        return complaints.toString();
    }

    /** The images that the process has open, and whether any descriptor of it writes. */
    private Map<Path, Boolean> open(Qemu qemu) throws IOException {
        Map<Path, Boolean> open = new HashMap<>();
        Path process = Path.of("/proc", Long.toString(qemu.pid()));
        List<Path> descriptors;
        try (Stream<Path> all = Files.list(process.resolve("fd"))) {
            descriptors = all.toList();
        }
        for (Path descriptor : descriptors) {
            try {
                Path file = Files.readSymbolicLink(descriptor);
                String flags = Files.readAllLines(process.resolve("fdinfo").resolve(descriptor.getFileName()))
                        .get(1);
                boolean writes = (Integer.parseInt(flags.split("\\s+", -1)[1], 8) & 3) != 0;
                if (file.startsWith(images())) {
                    open.merge(file, writes, Boolean::logicalOr);
                }
            } catch (IOException e) {
                // It was closed meanwhile.
            }
        }
        return open;
    }

    /**
     * The VM has ended: each image is whole, and each of before has its label of before. One that qemu was making as it
     * was killed may be half made: it is in nobody's chain yet. An empty one that the service had made goes meanwhile.
     */
    private void asBefore(String point) throws IOException {
        service.awaitGone(VM);
        SortedMap<String, SortedMap<String, String>> now = Attributes.of(images());
        for (String file : before.keySet()) {
            assertThat(now.get(file)).as("%s: %s", point, file).isEqualTo(before.get(file));
        }
        try (Stream<Path> files = Files.list(images())) {
            for (Path file : files.toList()) {
                assertThat(label(now, file).orElse(""))
                        .as("%s: %s", point, file)
                        .doesNotContain("svirt_image_t")
                        .doesNotContain("virt_content_t");
                if (file.toFile().length() > 0 && !halfMade.contains(file)) {
                    // A qemu that is killed leaves clusters that nobody uses (3), and no damage (2).
                    Command check = Command.run(Map.of(), List.of("qemu-img", "check", "-f", "qcow2", file.toString()));
                    assertThat(check.exitCode())
                            .as("%s: %s: %s", point, file, check.out())
                            .isIn(0, 3);
                }
            }
        }
    }

    @Test
    void qemu_is_killed_at_any_of_its_steps() throws IOException {
        int points = 0;
        for (Flow flow : Flow.values()) {
            for (String call : QEMU_CALLS) {
                boolean isKilled = true;
                for (int n = 1; isKilled && n <= MOST; n = IS_LONG ? n + 1 : 4 * n) {
                    String point = "qemu killed at " + call + " " + n + " of " + flow;
                    try (Qemu qemu = running()) {
                        isKilled = isQemuKilled(flow, call, n, qemu);
                    }
                    asBefore(point);
                    points += isKilled ? 1 : 0;
                }
            }
        }
        System.out.println("qemu killed at " + points + " points of flows");
        assertThat(points).isGreaterThan(Flow.values().length);
        service.assertNoStackTrace();
    }

    private boolean isQemuKilled(Flow flow, String call, int n, Qemu qemu) throws IOException {
        boolean isKilled = false;
        try (QmpClient client = client(qemu);
                Strace _ = Strace.killing(qemu.pid(), call, n)) {
            run(flow, client);
            if (client.ask("{'execute':'query-status'}").get("return").isEmpty()) {
                throw new EOFException("qemu has ended, and the guard says so before it ends the connection");
            }
        } catch (IOException e) {
            isKilled = true;
            halfMade.add(path("new" + count));
            qemu.awaitEnd();
        }
        qemu.kill();
        return isKilled;
    }
}
