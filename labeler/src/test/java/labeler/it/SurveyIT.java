package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.HostPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A survey of this host, with qemus, images and labels that are real. */
class SurveyIT {
    private static final String DEAD = "system_u:object_r:svirt_image_t:s0:c1000,c1001";
    /** Without a device that writes it, qemu opens a disk to read it, as long as it may choose. */
    private static final String UNLOCKED = ",file.locking=off,auto-read-only=off";

    @TempDir
    Path temporary;

    private Images images = new Images(Path.of("/"));

    @BeforeEach
    void imagesInADirectory() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "setpriv", "getfattr", "setfattr", "mkfifo");
        images = Images.in(temporary.resolve("images"));
    }

    /** Without a service: what one on this host may answer is no matter of this test. */
    private List<String> words(String... words) {
        return Images.with(
                List.of(
                        ServiceFixture.labeler(),
                        "survey",
                        "--socket",
                        temporary.resolve("none").toString()),
                List.of(words));
    }

    private Command survey(String... words) throws IOException {
        return Command.run(Map.of(), words(words));
    }

    private List<JsonObject> findings(String kind, String... words) throws IOException {
        Command ran = survey(Images.with(List.of("--json"), List.of(words)).toArray(String[]::new));
        if (!(new JsonReader().read(ran.out().getBytes(StandardCharsets.ISO_8859_1))
                instanceof JsonReader.Value(JsonObject whole))) {
            throw new AssertionError(ran.toString());
        }
        return whole.objects("findings").stream()
                .filter(one -> one.text("kind").filter(kind::equals).isPresent())
                .filter(one -> one.text("file")
                        .filter(file -> file.startsWith(temporary.toString()))
                        .isPresent())
                .toList();
    }

    /** Sizes, times and attributes of all files; access times are the kernel's matter. */
    private SortedMap<String, String> state() throws IOException {
        SortedMap<String, String> state = new TreeMap<>();
        try (Stream<Path> all = Files.walk(temporary.resolve("images"))) {
            for (Path path : all.toList()) {
                state.put(
                        HostPath.of(path).printable(),
                        Files.readAttributes(
                                        path, "unix:ino,mode,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS)
                                .toString());
            }
        }
        return state;
    }

    /** An image whose header names any file; nothing of that is opened. */
    private void overlayNaming(String name, String backing) throws IOException {
        Command.done(
                "qemu-img",
                "create",
                "-q",
                "-u",
                "-f",
                "qcow2",
                "-b",
                backing,
                "-F",
                "raw",
                images.path(name).toString(),
                "1M");
    }

    @Test
    void two_qemus_on_one_image_and_what_else_is_unsafe_are_named_worst_first() throws IOException {
        Path shared = images.raw("shared");
        Path base = images.raw("base");
        Path undeclared = undeclared(images.overlay("undeclared", base));
        Path stale = images.raw("stale");
        Attributes.label(stale, DEAD);
        overlayNaming("evil", "/etc/shadow");
        overlayNaming("device", "/dev/null");
        SortedMap<String, String> before = state();

        try (Qemu one = Qemu.start(Images.qemu("-name", "survey1", "-drive", Images.disk(shared, "raw") + UNLOCKED));
                Qemu other = Qemu.start(
                        Images.qemu("-name", "guest=survey2", "-drive", Images.disk(shared, "raw") + UNLOCKED))) {
            eventually("both have their image", () -> has(one, shared) && has(other, shared));

            Command ran = survey(images.directory().toString());

            assertThat(ran.exitCode()).as(ran.err()).isEqualTo(1);
            String text = new String(ran.out().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            assertThat(text)
                    .contains(
                            shared + ", of survey1 (process " + one.pid() + "), survey2 (process " + other.pid() + ")",
                            "each destroys what the other has written",
                            undeclared.toString(),
                            "CVE-2010-2238",
                            "/etc/shadow",
                            "/dev/null",
                            "labeler recover --scan " + images.directory() + " --apply",
                            "no wall around a process");
            assertThat(text.indexOf("WARNING")).isGreaterThan(text.lastIndexOf("DANGER"));
            assertThat(text.lines().toList().getLast()).contains("dangers,", "looked at");
            assertThat(findings("dead-label", images.directory().toString())).hasSize(1);
        }
        assertThat(state()).isEqualTo(before);
        assertThat(Attributes.label(stale)).contains(DEAD);
    }

    private static boolean has(Qemu qemu, Path image) throws IOException {
        return new OpenNames(qemu.pid()).all().contains(image.toString());
    }

    /** Takes the format of the backing file out of the header: qemu-img has refused to leave it out since 6.1. */
    private static Path undeclared(Path overlay) throws IOException {
        byte[] content = Files.readAllBytes(overlay);
        ByteBuffer header = ByteBuffer.wrap(content);
        for (int at = 0; at < 4096; at += 8) {
            if (header.getInt(at) == 0xe2792aca) {
                header.putInt(at, 0x11111111);
                Files.write(overlay, content);
                return overlay;
            }
        }
        throw new AssertionError("no format of the backing file is recorded");
    }

    @Test
    void a_hostile_directory_is_looked_through_and_left_as_it_is() throws IOException {
        Path directory = images.directory();
        Path many = Files.createDirectory(directory.resolve("many"));
        for (int number = 0; number < 10_000; number++) {
            Files.writeString(many.resolve("file" + number), "text");
        }
        Path strange = Files.createDirectory(
                HostPath.of(directory).child("new\nline\u202e'$(id)").jdkPath());
        Attributes.label(Files.copy(images.raw("stale"), strange.resolve("stale")), DEAD);
        Files.createSymbolicLink(directory.resolve("loop"), directory);
        Files.createSymbolicLink(directory.resolve("out"), Path.of("/"));
        Files.createSymbolicLink(directory.resolve("self"), Path.of("self"));
        Command.done("mkfifo", directory.resolve("pipe").toString());
        Command.done("mknod", directory.resolve("device").toString(), "b", "7", "255");
        Path restless = Files.createDirectory(temporary.resolve("restless"));
        SortedMap<String, String> before = state();
        Thread vanishing = Thread.ofPlatform().daemon().start(() -> vanish(restless.resolve("vanishing")));

        Command ran;
        try {
            ran = survey("--json", restless.toString(), directory.toString());
        } finally {
            vanishing.interrupt();
            join(vanishing);
        }

        assertThat(ran.err()).doesNotContain("internal error");
        assertThat(ran.out()).contains("dead-label", "new\\nline\\u202e").doesNotContain("\u202e");
        String remedies = ran.out()
                .lines()
                .filter(line -> line.contains("recover --scan $'" + temporary))
                .findFirst()
                .orElseThrow();
        assertThat(remedies).contains("$'").contains("\\\\012line");
        assertThat(state()).isEqualTo(before);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Names that come and go all the time. It leaves none behind. */
    private static void vanish(Path name) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Files.write(name, new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3});
                Files.deleteIfExists(name);
            }
            Files.deleteIfExists(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_page_is_written_that_needs_nothing_else() throws IOException {
        Path page = temporary.resolve("page.html");
        Attributes.label(images.raw("<b>stale"), DEAD);

        Command ran = survey("--html", page.toString(), images.directory().toString());

        assertThat(ran.out()).contains("stale");
        assertThat(Files.readString(page))
                .startsWith("<!DOCTYPE html>")
                .contains("&lt;b&gt;stale")
                .doesNotContain("<b>", "<script", "http:", "https:");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(page)))
                .isEqualTo("rw-------");

        Path victim = Files.writeString(temporary.resolve("victim"), "kept");
        Files.delete(page);
        Files.createSymbolicLink(page, victim);
        Command linked = survey("--html", page.toString(), images.directory().toString());
        assertThat(linked.exitCode()).isEqualTo(1);
        assertThat(linked.err()).contains("the page is not written: it is there, and no regular file");
        assertThat(victim).content().isEqualTo("kept");
    }

    @Test
    void a_disk_that_has_left_a_running_vm_is_shared_by_nobody_and_a_qemu_with_a_copy_is_one() throws IOException {
        Path shared = images.raw("shared");
        Monitor monitor = new Monitor(temporary.resolve("qmp"));
        List<String> options = Images.with(
                monitor.options(),
                List.of(
                        "-name",
                        "survey4",
                        "-run-with",
                        "async-teardown=on",
                        "-drive",
                        Images.disk(shared, "raw") + UNLOCKED));
        try (Qemu one = Qemu.start(Images.qemu(options.toArray(String[]::new)));
                Qemu other =
                        Qemu.start(Images.qemu("-name", "survey5", "-drive", Images.disk(shared, "raw") + UNLOCKED))) {
            eventually("both have their image", () -> has(one, shared) && has(other, shared));
            monitor.await();
            List<JsonObject> both = findings("shared-image", images.directory().toString());
            assertThat(both).hasSize(1);
            assertThat(both.getFirst().objects("vms")).hasSize(2);

            monitor.execute(
                    "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"drive_del shared\"}}");
            eventually("it has left", () -> !has(one, shared));
            assertThat(findings("shared-image", images.directory().toString())).isEmpty();
        }
    }

    @Test
    void another_user_sees_what_he_may_and_is_told_the_rest() throws IOException {
        Path shared = images.raw("shared");
        Files.setPosixFilePermissions(
                Files.createDirectory(images.path("closed")), PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Qemu one = Qemu.start(Images.qemu("-name", "survey1", "-drive", Images.disk(shared, "raw") + UNLOCKED));
                Qemu other =
                        Qemu.start(Images.qemu("-name", "survey2", "-drive", Images.disk(shared, "raw") + UNLOCKED))) {
            eventually("both have their image", () -> has(one, shared) && has(other, shared));

            Command ran = Command.run(
                    Map.of(),
                    Images.with(
                            List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"),
                            words(images.directory().toString())));

            assertThat(ran.out())
                    .contains(
                            shared + ", of survey1",
                            "libvirt's domains: only root asks",
                            images.path("closed").toString())
                    .contains("this user may not");
            assertThat(ran.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void a_file_system_that_does_not_answer_is_named_and_not_waited_for() throws IOException {
        Path silent = Files.createDirectory(images.path("silent"));
        Attributes.label(images.raw("stale"), DEAD);
        try (SilentFuse _ = SilentFuse.over(silent)) {
            Command ran = survey(silent.toString(), images.directory().toString());

            assertThat(ran.out()).contains("does not answer", "the label of a VM that is gone");
        }
    }

    @Test
    void a_vm_of_labelers_own_is_known_by_its_service() throws IOException {
        Machine.requireLandlock();
        Path base = images.labelledRaw("base");
        Path own = images.overlay("own", base);
        try (ServiceFixture service = ServiceFixture.started(temporary)) {
            try (Qemu running = Qemu.start(service.running("survey3", Images.qemuWithOverlay(own)))) {
                eventually("it runs", () -> running.program().startsWith("qemu"));
                Command ran = service.cli(List.of("survey", images.directory().toString()));

                assertThat(ran.out()).doesNotContain("survey3", temporary.toString());
            }
        }
    }
}
