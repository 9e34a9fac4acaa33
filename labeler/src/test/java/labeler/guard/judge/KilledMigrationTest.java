package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import labeler.guard.QmpClient;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service that is killed while qemu begins a migration, which goes on: the file is held until that is over. */
@Timeout(300)
class KilledMigrationTest extends WithRuleBed {
    /** More than the command makes writes. */
    private static final int MOST = 20;

    private boolean isHeld(String name) {
        return bed.vm().holds().stream().anyMatch(hold -> hold.path().equals(HostPath.of(bed.path(name))));
    }

    private boolean isUnderWay() throws IOException {
        return JsonWriter.compact(bed.direct().done(command("query-migrate", "")))
                .contains("pre-switchover");
    }

    /** Returns when the guard has let go of all that it lets go of: of a file that came later, too. */
    private void settled(String later) throws IOException {
        bed.done(command("chardev-add", "'id':'later','backend':{'type':'file','data':{'out':'@/" + later + "'}}"));
        bed.done(command("chardev-remove", "'id':'later'"));
        bed.vm().until(() -> !isHeld(later));
    }

    @Test
    void the_next_service_holds_the_file_for_as_long_as_qemu_writes() throws IOException {
        for (int n = 1; n < MOST; n++) {
            bed.done(command(
                    "migrate-set-capabilities",
                    "'capabilities':[{'capability':'pause-before-switchover','state':true}]"));
            String saved = "saved" + n;
            bed.host().journal().killBefore(n);
            QmpClient client = bed.vm().client();
            client.write(bed.text(command("migrate", "'uri':'file:@/" + saved + "'")));
            eventually(() -> bed.host().journal().isKilled() || isUnderWay());
            boolean isKilled = isKilledSoon(saved);

            bed.host().journal().killBefore(1);
            bed.vm().relayed().unguarded();
            bed.host().restart();
            bed.vm().guardedAgain(root);
            settled("later" + n);

            assertThat(isHeld(saved)).as("killed at write %s", n).isEqualTo(isUnderWay());
            bed.done(command("migrate_cancel", ""));
            bed.vm().until(() -> !isHeld(saved));
            if (!isKilled) {
                assertThat(n).isGreaterThan(2);
                return;
            }
        }
        throw new AssertionError("more writes than " + MOST);
    }

    /** Whether the service is killed before the migration is on record. */
    private boolean isKilledSoon(String saved) throws IOException {
        eventually(() -> bed.host().journal().isKilled()
                || bed.vm().holds().stream()
                        .anyMatch(hold -> hold.path().equals(HostPath.of(bed.path(saved)))
                                && hold.trigger().text().equals("migration")));
        return bed.host().journal().isKilled();
    }
}
