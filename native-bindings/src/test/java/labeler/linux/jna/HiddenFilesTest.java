package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import labeler.linux.AttributeName;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that exist, but whose path does not lead to them or may not be used. */
final class HiddenFilesTest {
    private static final AttributeName NAME = new AttributeName("trusted.label");

    private final Linux linux = JnaLinux.create();
    private RealStage stage;

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory, and setStage the stage
    HiddenFilesTest() {}

    @BeforeEach
    void setStage() throws Exception {
        RequiredCapability.ROOT.assume();
        stage = new RealStage(linux);
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    @Test
    void a_file_is_found_by_its_handle_under_a_file_system_that_covers_its_directory() throws Exception {
        HostPath below = stage.path("below");
        stage.directory(below);
        stage.file(below.child("image"), new byte[1]);
        FileHandle handle;
        OpenedFile known = (OpenedFile) linux.open().open(below.child("image"), OpenRequest.IMAGE);
        try (known) {
            handle = linux.handles().of(known).orElseThrow();
        }
        RealStage.run("mount", "-t", "tmpfs", "none", below.printable());
        try {
            assertThat(linux.open().find(below.child("image"), OpenRequest.RECORDED))
                    .isInstanceOf(OpenRefusal.class);
            FileHandles.Found found = linux.handles().find(handle, known.identity(), below.child("image"));
            assertThat(found).isInstanceOf(FileHandles.Present.class);
            try (OpenedFile file = ((FileHandles.Present) found).file()) {
                linux.attributes().set(file, NAME, "x".getBytes(UTF_8));
                assertThat(linux.attributes().get(file, NAME)).hasValue("x".getBytes(UTF_8));
            }
        } finally {
            RealStage.run("umount", below.printable());
        }
    }

    @Test
    void a_lease_stops_whoever_opens_a_file_and_nobody_who_finds_it() throws Exception {
        RequiredCapability.COMPILER.assume();
        HostPath path = stage.path("image");
        stage.file(path, new byte[1]);
        Path source = Files.writeString(directory.resolve("lease.c"), """
                #define _GNU_SOURCE
                #include <fcntl.h>
                #include <signal.h>
                #include <stdio.h>
                #include <unistd.h>
                int main(int count, char **arguments) {
                    signal(SIGIO, SIG_IGN);
                    if (count != 2 || fcntl(open(arguments[1], O_RDWR), F_SETLEASE, F_WRLCK)) return 1;
                    puts("ready");
                    fflush(stdout);
                    while (1) pause();
                }
                """);
        Path program = directory.resolve("lease");
        RealStage.run("cc", "-o", program.toString(), source.toString());
        Process holder = new ProcessBuilder(program.toString(), path.printable()).start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("ready");
            assertThat(linux.open().open(path, OpenRequest.RECORDED)).isInstanceOf(OpenRefusal.class);
            try (OpenedFile file = (OpenedFile) linux.open().find(path, OpenRequest.RECORDED)) {
                linux.attributes().set(file, NAME, "x".getBytes(UTF_8));
                assertThat(linux.attributes().get(file, NAME)).hasValue("x".getBytes(UTF_8));
                assertThat(linux.attributes().remove(file, NAME)).isTrue();
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }
}
