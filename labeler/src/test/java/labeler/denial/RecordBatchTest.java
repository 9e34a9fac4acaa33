package labeler.denial;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.linux.AuditFeed.Received;
import org.junit.jupiter.api.Test;

class RecordBatchTest {
    private static final String DENIED = "avc:  denied  { read } for  pid=12 comm=\"qemu\"";

    private final RecordBatch batch = new RecordBatch();

    @Test
    void a_denial_is_kept_with_what_is_told_beside_it_and_nothing_else() {
        batch.add(new Received(RecordBatch.PATH, "audit(1.000:1): item=0 name=\"/other\""));
        batch.add(new Received(RecordBatch.AVC, "audit(1.000:2): " + DENIED));
        batch.add(new Received(RecordBatch.CWD, "audit(1.000:2): cwd=\"/vm\""));
        batch.add(new Received(RecordBatch.PATH, "audit(1.000:2): item=0 name=\"a\""));
        batch.add(new Received(RecordBatch.PATH, "audit(1.000:3): item=0 name=\"b\""));
        batch.add(new Received(RecordBatch.AVC, "audit(1.000:4): avc:  granted  { read } for  pid=12"));
        batch.add(new Received(RecordBatch.AVC, "apparmor=\"DENIED\" audit(1.000:5): denied "));
        batch.add(new Received(1107, "audit(1.000:6): pid=1 msg='" + DENIED + "'"));

        assertThat(batch.take())
                .isEqualTo(List.of(
                        "type=1400 msg=audit(1.000:2): " + DENIED,
                        "type=1307 msg=audit(1.000:2): cwd=\"/vm\"",
                        "type=1302 msg=audit(1.000:2): item=0 name=\"a\""));
        assertThat(batch.isEmpty()).isTrue();
        batch.add(new Received(RecordBatch.PATH, "audit(1.000:2): item=1 name=\"late\""));
        assertThat(batch.isEmpty()).isTrue();
    }

    @Test
    void it_has_a_bound() {
        for (int serial = 1; serial <= 5_000; serial++) {
            batch.add(new Received(RecordBatch.AVC, "audit(1.000:" + serial + "): " + DENIED));
        }
        assertThat(batch.isFull()).isTrue();
        assertThat(batch.take()).hasSize(1_000);
        assertThat(batch.isFull()).isFalse();
    }
}
