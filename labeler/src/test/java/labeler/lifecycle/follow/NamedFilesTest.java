package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.linux.FileIdentity;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command's check sees the files that will be labelled, whatever their names lead to meanwhile. */
class NamedFilesTest {
    private static final HoldTrigger COMMAND = new HoldTrigger.Command(1);

    @TempDir
    Path root;

    private static TakeOutcome take(FollowedHost host, String file, WantedFiles.Check check) {
        WantedFiles wanted = new WantedFiles(
                COMMAND,
                FollowedHost.definition(host.raw(file, Access.READ_WRITE)),
                0,
                FollowedHost.OWNER,
                check,
                (_, _) -> new JoiningFiles.Rewritten(List.of()));
        return host.files().take(host.files().run(new VmName("one")), wanted);
    }

    @Test
    void files_that_are_not_fit_stay_as_they_are() throws IOException {
        try (FollowedHost host = new FollowedHost(root)) {
            host.raw("disk");
            host.raw("other");
            host.start("one", host.raw("disk", Access.READ_WRITE));
            List<FileHold> before = host.holds("one");

            assertThat(take(host, "other", _ -> false)).isInstanceOf(TakeOutcome.Unfit.class);

            assertThat(host.holds("one")).isEqualTo(before);
            assertThat(host.label("other")).isEqualTo(FollowedHost.HOME);
        }
    }

    @Test
    void a_file_has_the_same_holds_under_each_name() throws IOException {
        try (FollowedHost host = new FollowedHost(root)) {
            host.raw("disk");
            host.start("one", host.raw("disk", Access.READ_WRITE));
            Files.createLink(host.path("same"), host.path("disk"));
            host.raw("other");

            take(host, "same", files -> {
                assertThat(files.holds(host.hostPath("same")))
                        .extracting(FileHold::path)
                        .containsExactly(host.hostPath("disk"));
                assertThat(files.holds(host.hostPath("other"))).isEmpty();
                assertThat(files.identity(host.hostPath("same"))).isEqualTo(files.identity(host.hostPath("disk")));
                assertThat(files.identity(host.hostPath("nothing"))).isEmpty();
                return false;
            });
        }
    }

    /** Who owns the directory can put another file in the place of the one that was judged. */
    @Test
    void a_file_that_is_exchanged_after_the_check_gets_no_label() throws IOException {
        try (FollowedHost host = new FollowedHost(root)) {
            host.raw("disk");
            host.raw("judged");
            host.raw("secret");
            host.start("one", host.raw("disk", Access.READ_WRITE));

            TakeOutcome _ = take(host, "judged", files -> {
                Optional<FileIdentity> judged = files.identity(host.hostPath("judged"));
                exchange(host);
                // The open file is the same.
                return files.identity(host.hostPath("judged")).equals(judged);
            });

            assertThat(host.label("judged")).isEqualTo(FollowedHost.HOME);
        }
    }

    private static void exchange(FollowedHost host) {
        try {
            Files.move(host.path("secret"), host.path("judged"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
