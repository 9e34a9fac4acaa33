package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions that name the service's own files. */
class ServiceFilesIT {
    private static final String VM = "web1";
    private static final String NAME = "NAME";

    private static final List<List<String>> USES = List.of(
            List.of("-pidfile", NAME),
            List.of("-D", NAME),
            List.of("-chardev", "file,id=c,path=NAME"),
            List.of("-serial", "file:NAME"),
            List.of("-drive", "if=none,id=d,format=raw,file=NAME"),
            List.of("-blockdev", "driver=raw,node-name=n,read-only=on,file.driver=file,file.filename=NAME"),
            List.of("-object", "secret,id=s,file=NAME"),
            List.of("-kernel", NAME));

    private final Path temporary;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    private final Images images;

    ServiceFilesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("getfattr", "setfattr", "mount", "umount");
        images = Images.in(temporary.resolve("images"));
        service = new ServiceFixture(temporary);
        service.configure("");
        service.start();
    }

    private void assertRefused(List<String> use, Path path) throws IOException {
        List<String> options =
                use.stream().map(word -> word.replace(NAME, path.toString())).toList();
        Reply refused = service.start(VM, Images.qemu(options.toArray(String[]::new)));
        assertThat(refused.status()).as("%s %s", options, refused).isEqualTo(422);
        assertThat(refused.body().text("kind")).as("%s", options).contains("SERVICE_FILE");
    }

    private void assertNoUse(Path path) throws IOException {
        for (List<String> use : USES) {
            assertRefused(use, path);
        }
    }

    @Test
    void no_use_gets_the_journal_the_settings_or_what_else_is_in_its_directories() throws IOException {
        assertNoUse(service.journal());
        assertNoUse(service.state().resolve("journal.db-wal"));
        assertNoUse(temporary.resolve("labeler.toml"));
        assertNoUse(service.runDirectory().resolve("labelerd.lock"));
        assertThat(Attributes.label(service.journal())).isEmpty();

        Command planned = service.cli(Images.with(
                List.of("plan", VM, "--"),
                Images.qemu("-pidfile", service.journal().toString())));
        assertThat(planned.exitCode()).as("%s", planned).isEqualTo(3);
        assertThat(planned.out() + planned.err())
                .contains(service.journal().toString(), "one of labeler's own files", "-pidfile", "name another file");
    }

    @Test
    void another_link_or_mount_of_them_is_the_same_file() throws IOException {
        assertNoUse(Files.createLink(images.path("link"), service.journal()));
        assertNoUse(Files.createSymbolicLink(images.path("symbolic"), service.journal()));
        Path mount = Files.createDirectory(temporary.resolve("mount"));
        Command.done("mount", "--bind", service.state().toString(), mount.toString());
        try {
            assertNoUse(mount.resolve("journal.db"));
            assertRefused(USES.getFirst(), mount.resolve("new"));
        } finally {
            Command.done("umount", mount.toString());
        }
    }

    @Test
    void nothing_is_made_in_its_directories_or_in_place_of_its_sockets() throws IOException {
        assertRefused(USES.getFirst(), service.state().resolve("new"));
        assertRefused(USES.get(1), service.runDirectory().resolve("new"));
        assertRefused(USES.get(1), service.runDirectory().resolve("vms").resolve("new"));
        List<String> server = List.of("-chardev", "socket,id=c,server=on,wait=off,path=NAME");
        assertRefused(server, service.socket());
        assertRefused(server, temporary.resolve("descriptors-socket"));
        assertRefused(server, service.state().resolve("new"));
    }

    /** When a process closes any descriptor of a file, the kernel drops all its locks on that file. */
    @Test
    void the_service_keeps_its_locks_whoever_names_the_files_that_have_them() throws IOException {
        String locks = locks();
        assertThat(locks.lines()).hasSize(3);
        List<Path> locked = List.of(
                service.journal(),
                service.state().resolve("journal.lock"),
                service.runDirectory().resolve("labelerd.lock"),
                Files.createLink(images.path("link"), service.journal()));
        for (Path file : locked) {
            assertNoUse(file);
            Path image = images.path("image");
            Files.write(image, Qcow2Builder.v3().dataFile(file.toString()).build());
            Reply refused = service.start(VM, Images.qemuWithOverlay(image));
            assertThat(refused.body().text("kind")).as("%s", refused).contains("NOT_FROM_HEADER");
            assertThat(refused.body().text("message").orElse("")).contains("a file of labeler's", image.toString());
            assertRefused(
                    List.of(
                            "-blockdev",
                            "driver=qcow2,node-name=n,file.driver=file,file.filename=" + image
                                    + ",data-file.driver=file,data-file.filename=NAME"),
                    file);
        }
        assertThat(locks()).isEqualTo(locks);
    }

    private String locks() throws IOException {
        return Files.readString(Path.of("/proc/locks"))
                .lines()
                .map(line -> line.replaceFirst("^[0-9]+: ", ""))
                .filter(line -> line.contains(" " + service.pid() + " "))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void a_vm_makes_what_it_likes_in_its_runtime_directory() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64");
        Machine.requireLandlock();
        Path directory = service.runDirectory().resolve("vms").resolve(VM);
        Path pid = directory.resolve("pid");
        Monitor monitor = new Monitor(directory.resolve("qmp"));
        List<String> qemu = Images.with(Images.qemu("-pidfile", pid.toString()), monitor.options());
        try (Qemu running = Qemu.start(service.running(VM, qemu))) {
            monitor.await();
            assertThat(pid).exists();
            running.kill();
        }
        service.awaitGone(VM);
    }
}
