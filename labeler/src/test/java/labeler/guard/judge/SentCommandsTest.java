package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.guard.QmpClient;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The model of what has to be on record when qemu gets a command sees whatever is not. */
@Timeout(300)
class SentCommandsTest {
    @TempDir
    Path root;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    SentCommandsTest() {}

    @Test
    void a_command_whose_files_are_not_on_record_is_seen() throws IOException {
        try (FollowedHost host = new FollowedHost(root)) {
            JudgedQemu.make(host, "base", "");
            RandomVm.make(host, "one");
            String arguments = "'driver':'qcow2','node-name':'x','file':{'driver':'file','filename':'"
                    + host.path("one-over") + "'}";
            try (RandomVm vm =
                    new RandomVm(host, Files.createDirectory(root.resolve("one")), "one", "\"auto-read-only\":true")) {
                vm.vm().done(RuleCase.command("blockdev-add", arguments));
                vm.vm().done(RuleCase.command("blockdev-del", "'node-name':'x'"));
                assertThat(vm.seen().sent()).isEmpty();

                // Past the guard, at the place where its commands go to qemu.
                vm.vm().relayed().unguarded();
                try (QmpClient other = new QmpClient(vm.tap().place())) {
                    other.message();
                    other.ask(line("{'execute':'qmp_capabilities'}"));
                    assertThat(other.ask(line(RuleCase.command("blockdev-add", arguments)))
                                    .get("return"))
                            .isPresent();
                    // qemu refuses it now, as the other image reads the base.
                    other.ask(line(RuleCase.command(
                            "block-commit", "'job-id':'j','device':'top','top-node':'mid','base-node':'base'")));
                }
                assertThat(vm.seen().sent())
                        .anyMatch(text -> text.contains("one-over") && text.contains("is not on record"))
                        .anyMatch(text -> text.contains("one-over") && text.contains("is labelled"))
                        .anyMatch(text -> text.contains("base for writing") && text.contains("is not on record"));
            }
        }
    }

    /** As the guard writes it. */
    private static String line(String command) {
        return command.replace('\'', '"') + "\n";
    }
}
