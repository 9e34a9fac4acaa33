package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import labeler.guard.flow.FlowBed;
import labeler.guard.flow.FlowImages;
import labeler.guard.flow.LoopDevice;
import labeler.json.Json.JsonObject;

/**
 * A flow's VM behind Landlock: its qemu opens nothing, and gets descriptors from the service. The same files have labels as
 * well, which have to be those on record.
 */
final class HandedBed extends FlowBed implements AutoCloseable {
    static final String VM = "web1";

    private final ServiceFixture service;
    private final FlowImages images;
    private final SortedMap<String, SortedMap<String, String>> before;
    private final List<Mounted> mounted = new ArrayList<>();
    private Optional<LoopDevice> device = Optional.empty();
    private Qemu qemu;
    private QmpClient client;

    /** From the end of one qemu until the next has a guard. A service that is killed meanwhile may leave the VM ended. */
    private boolean isBetween;

    /** @param template the images as they are at the start */
    HandedBed(ServiceFixture service, FlowImages images, Path template) throws IOException {
        this.service = service;
        this.images = images;
        images.clear();
        images.copied(template);
        label();
        this.before = Attributes.of(images.directory());
        this.qemu = started();
        this.client = connected();
    }

    private void label() throws IOException {
        try (Stream<Path> files = Files.list(images.directory())) {
            for (Path file : files.toList()) {
                Attributes.label(file, Images.HOME);
            }
        }
    }

    private Qemu started(String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of("-M", "q35", "-m", "32"));
        nodes().forEach(node -> options.addAll(List.of("-blockdev", node)));
        devices().forEach(device -> options.addAll(List.of("-device", device)));
        options.addAll(List.of(more));
        return Qemu.start(service.running(VM, Images.qemu(options.toArray(String[]::new))));
    }

    private QmpClient connected() throws IOException {
        return guard().orElseThrow(() -> new AssertionError("qemu has ended"));
    }

    /** A client of the guard, once it serves: that of a service before may have left a socket. None if qemu ends. */
    private Optional<QmpClient> guard() throws IOException {
        Path socket = service.runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
        List<QmpClient> clients = new ArrayList<>();
        eventually("the guard serves", () -> {
            if (!qemu.isAlive()) {
                return true;
            }
            try {
                clients.add(new QmpClient(socket).negotiated());
            } catch (IOException e) {
                return false;
            }
            return true;
        });
        return clients.stream().findFirst();
    }

    Qemu qemu() {
        return qemu;
    }

    @Override
    protected QmpClient client() {
        return client;
    }

    @Override
    public Path path(String name) {
        return images.directory().resolve(name);
    }

    /** By the label on record: each is compared with the file's own by {@link #complaints}. */
    @Override
    protected Use use(String name) throws IOException {
        JsonObject status = service.get("/v1/vms/" + VM).ok().body();
        Set<Optional<String>> labels = new HashSet<>();
        for (JsonObject file : files(status)) {
            if (file.text("path").equals(Optional.of(path(name).toString()))) {
                labels.add(file.text("context"));
            }
        }
        return labels.isEmpty()
                ? Use.NOTHING
                : labels.contains(status.text("imageContext")) ? Use.WRITING : Use.READING;
    }

    private static List<JsonObject> files(JsonObject status) {
        return status.elements("files").stream().map(JsonObject.class::cast).toList();
    }

    @Override
    protected void again(String... options) throws IOException {
        isBetween = true;
        client.close();
        qemu.close();
        service.awaitGone(VM);
        qemu = started(options);
        client = connected();
        isBetween = false;
    }

    @Override
    protected void small() throws IOException {
        mounted.add(Mounted.small(path("small")));
    }

    @Override
    protected void device() throws IOException {
        Path content = images.directory().resolveSibling("content");
        device = Optional.of(new LoopDevice(content, DEVICE_SIZE, path("device")));
    }

    /** What qemu has open is on record, and each label is that of the record. */
    void asPromised() throws IOException {
        if (isBetween && !qemu.isAlive()) {
            service.awaitGone(VM);
            return;
        }
        List<String> last = new ArrayList<>();
        try {
            eventually("files are as qemu needs them", () -> {
                last.clear();
                last.addAll(complaints());
                return last.isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + last + ": " + service.log(), e);
        }
        assertThat(service.verify(VM).number("drift")).isZero();
    }

    private List<String> complaints() throws IOException {
        List<String> complaints = new ArrayList<>();
        JsonObject status = service.get("/v1/vms/" + VM).ok().body();
        SortedMap<String, SortedMap<String, String>> attributes = Attributes.of(images.directory());
        Set<Path> recorded = new HashSet<>();
        for (JsonObject file : files(status)) {
            Path path = Path.of(file.text("path").orElseThrow());
            recorded.add(path);
            Optional<String> label =
                    Optional.ofNullable(attributes.get(path.toString())).flatMap(Attributes::label);
            if (path.startsWith(images.directory()) && !label.equals(file.text("context"))) {
                complaints.add(path + " has " + label + ", not as recorded: " + file);
            }
        }
        open().stream()
                .filter(path -> !recorded.contains(path))
                .forEach(path -> complaints.add(path + " is open and not held"));
        return complaints;
    }

    /** The files of the images' directory that the process has open. */
    private Set<Path> open() throws IOException {
        Set<Path> open = new HashSet<>();
        List<Path> descriptors;
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(qemu.pid()), "fd"))) {
            descriptors = all.toList();
        }
        for (Path descriptor : descriptors) {
            try {
                Path file = Files.readSymbolicLink(descriptor);
                if (file.startsWith(images.directory())) {
                    open.add(file);
                }
            } catch (IOException e) {
                // It was closed meanwhile.
            }
        }
        return open;
    }

    /** Another service has taken the place of the one that was killed. */
    void reconnect() throws IOException {
        client.close();
        Optional<QmpClient> next = guard();
        assertThat(next.isPresent() || isBetween).as("qemu lives").isTrue();
        client = next.orElse(client);
    }

    /** The VM ends: each file of before has its label of before, each image is sound, and the disk has its content. */
    void end(boolean isKilled) throws IOException {
        client.close();
        if (isKilled) {
            qemu.kill();
        } else {
            qemu.close();
        }
        service.awaitGone(VM);
        SortedMap<String, SortedMap<String, String>> now = Attributes.of(images.directory());
        before.forEach((file, attributes) -> assertThat(now.get(file)).as(file).isEqualTo(attributes));
        now.forEach(
                (file, attributes) -> assertThat(Attributes.label(attributes).orElse(""))
                        .as(file)
                        .doesNotContain("svirt_image_t")
                        .doesNotContain("virt_content_t"));
        images.sound(isKilled);
        images.whole(disk());
    }

    @Override
    public void close() throws IOException {
        client.close();
        qemu.close();
        for (Mounted one : mounted) {
            one.close();
        }
        if (device.isPresent()) {
            device.get().close();
        }
        service.awaitGone(VM);
        images.clear();
    }
}
