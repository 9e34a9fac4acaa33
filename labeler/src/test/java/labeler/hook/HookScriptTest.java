package labeler.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import labeler.hook.HookScript.Done;
import labeler.hook.HookScript.Foreign;
import labeler.hook.HookScript.State;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HookScriptTest {
    private final Path directory;
    private final HookScript hook;

    HookScriptTest(@TempDir Path directory) {
        this.directory = directory;
        this.hook = new HookScript(HostPath.of(directory));
    }

    @Test
    void it_is_installed_once_and_removed_once() throws IOException {
        assertThat(hook.state()).isEqualTo(State.ABSENT);
        assertThat(hook.install()).isInstanceOf(Done.class);
        assertThat(hook.state()).isEqualTo(State.CURRENT);
        assertThat(hook.path().jdkPath()).isEqualTo(directory.resolve("qemu.d/labeler"));
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(hook.path().jdkPath())))
                .isEqualTo("rwxr-xr-x");
        assertThat(hook.install()).isEqualTo(new Done(hook.path() + ": installed already"));
        assertThat(hook.remove()).isEqualTo(new Done(hook.path() + ": removed"));
        assertThat(hook.remove()).isEqualTo(new Done(hook.path() + ": not installed"));
        try (var left = Files.list(directory.resolve("qemu.d"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void another_version_of_it_is_renewed() throws IOException {
        hook.install();
        String script = new String(HookScript.script(), StandardCharsets.UTF_8);
        Files.writeString(hook.path().jdkPath(), script.replace("seconds=120", "seconds=60"));
        assertThat(hook.state()).isEqualTo(State.OUTDATED);
        hook.install();
        assertThat(hook.state()).isEqualTo(State.CURRENT);
    }

    @Test
    void a_file_that_is_not_ours_stays_as_it_is() throws IOException {
        Files.createDirectories(directory.resolve("qemu.d"));
        Files.writeString(hook.path().jdkPath(), "#!/bin/sh\n# somebody else's, beside labeler: hook for libvirt\n");
        assertThat(hook.state()).isEqualTo(State.FOREIGN);
        assertThat(hook.install()).isInstanceOf(Foreign.class);
        assertThat(hook.remove()).isInstanceOf(Foreign.class);
        assertThat(hook.path().jdkPath()).content().contains("somebody else's");
    }

    @Test
    void a_link_is_never_followed() throws IOException {
        Path target = directory.resolve("target");
        Files.write(target, HookScript.script());
        Files.createDirectories(directory.resolve("qemu.d"));
        Files.createSymbolicLink(hook.path().jdkPath(), target);
        assertThat(hook.state()).isEqualTo(State.FOREIGN);
        assertThat(hook.remove()).isInstanceOf(Foreign.class);
        assertThat(target).exists();
    }

    @Test
    void a_directory_that_cannot_be_used_is_named_with_the_way_out() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path hooks : List.of(directory.resolve("none/hooks"), file, file.resolve("hooks"))) {
            assertThatThrownBy(() -> new HookScript(HostPath.of(hooks)).install())
                    .isInstanceOf(IOException.class)
                    .message()
                    .startsWith(hooks + ": ")
                    .contains("--hooks-dir")
                    .doesNotContain("Exception")
                    .hasLineCount(1);
        }
        assertThat(directory.resolve("none")).doesNotExist();
    }
}
