package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs of a real qemu on a real ramfs, where it may open nothing: logs and the like that do not exist yet. */
class OutputsIT {
    private static final String VM = "web1";

    private final Mounted memory;
    private final ServiceFixture service;
    private final Monitor monitor;
    private final Path log;

    OutputsIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img");
        Machine.requireLandlock();
        memory = Mounted.ramfs(temporary.resolve("memory"));
        log = memory.directory().resolve("log");
        monitor = new Monitor(temporary.resolve("monitor"));
        service = new ServiceFixture(temporary);
        service.configure("[guard]\nallow = [\"-mon\"]\n");
        service.start();
    }

    @AfterEach
    void end() {
        service.close();
        memory.close();
    }

    private List<String> running(String... options) {
        return service.running(VM, Images.with(Images.qemu(options), monitor.options()));
    }

    @Test
    void qemu_writes_what_was_made_for_it_and_it_stays_when_the_vm_ends() throws IOException {
        Path logfile = memory.directory().resolve("logfile");
        // A monitor for people writes its greeting to the file. Its log has the same text.
        try (Qemu qemu = Qemu.start(running(
                "-chardev", "file,id=out,path=" + log + ",logfile=" + logfile, "-mon", "chardev=out,mode=readline"))) {
            monitor.await();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
                    .isEqualTo("rw-------");
            Reply status = service.get("/v1/vms/" + VM).ok();
            assertThat(status.about("files", log).text("treatment")).contains("pass");
            assertThat(status.about("files", logfile).text("treatment")).contains("pass");
            assertThat(service.cli(Images.with(List.of("run", "web2", "--"), Images.qemu("-serial", "file:" + log)))
                            .exitCode())
                    .isEqualTo(4);
            qemu.kill();
        }
        service.awaitGone(VM);
        assertThat(log).content().contains("QEMU").contains("monitor");
        assertThat(logfile).content().contains("QEMU").contains("monitor");
    }

    @Test
    void in_the_old_notation_it_is_the_same() throws IOException {
        List<String> pc = Images.with(
                List.of("qemu-system-x86_64", "-M", "pc", "-m", "8", "-nodefaults", "-display", "none", "-S"),
                Images.with(List.of("-serial", "file:" + log), monitor.options()));
        try (Qemu _ = Qemu.start(service.running(VM, pc))) {
            monitor.await();
            assertThat(monitor.execute("{\"execute\":\"query-chardev\"}")).contains("\"serial0\"");
            assertThat(log).exists();
        }
    }

    @Test
    void what_takes_no_descriptor_is_refused_with_the_way_out_and_nothing_is_made() throws IOException {
        for (List<String> named : List.of(
                List.of("-D", memory.directory().resolve("qemu.log").toString()),
                List.of("-pidfile", memory.directory().resolve("pid").toString()))) {
            Command refused = service.cli(Images.with(
                    List.of("run", VM, "--"), Images.with(Images.qemu("-chardev", "file,id=l,path=" + log), named)));

            assertThat(refused.exitCode()).isEqualTo(3);
            assertThat(refused.err())
                    .contains(
                            named.getFirst(),
                            named.getLast(),
                            "writes it by its name",
                            "name a file on a file system that stores labels");
        }
        assertThat(memory.directory()).isEmptyDirectory();
    }

    @Test
    void where_one_cannot_be_made_none_is_left() throws IOException {
        Path image = new Images(memory.directory()).raw("image");

        Command refused = service.cli(Images.with(
                List.of("run", VM, "--"),
                Images.qemu(
                        "-drive",
                        Images.disk(image, "raw"),
                        "-chardev",
                        "file,id=first,path=" + memory.directory().resolve("first"),
                        "-chardev",
                        "file,id=second,path="
                                + memory.directory().resolve("absent").resolve("second"))));

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err()).contains("absent/second", "cannot be made");
        assertThat(memory.directory().resolve("first")).doesNotExist();
        assertThat(service.holds(VM)).isFalse();
    }
}
