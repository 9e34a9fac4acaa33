package labeler.chain.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import labeler.chain.testing.MemoryImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedReaderTest {
    private static final int SIZE = 20_000;

    private final MemoryImage image = new MemoryImage(counting());
    private final BoundedReader reader = new BoundedReader(image, new ReadBudget(16_384, 4));

    @Test
    void bytes_are_those_at_the_position() {
        assertThat(bytes(reader.read(1000, 4))).isEqualTo(ByteBuffer.wrap(counting(), 1000, 4));
        assertThat(bytes(reader.read(9000, 4))).isEqualTo(ByteBuffer.wrap(counting(), 9000, 4));
        assertThat(bytes(reader.read(10, 4))).isEqualTo(ByteBuffer.wrap(counting(), 10, 4));
    }

    @Test
    void parts_within_one_window_cost_one_read() {
        assertThat(reader.read(0, 112)).isInstanceOf(Read.Bytes.class);
        assertThat(reader.read(112, 8)).isInstanceOf(Read.Bytes.class);
        assertThat(reader.read(BoundedReader.WINDOW - 1, 1)).isInstanceOf(Read.Bytes.class);
        assertThat(image.reads()).isEqualTo(1);
    }

    @Test
    void the_window_begins_where_it_was_asked_for_and_what_is_before_it_is_read_anew() {
        assertThat(bytes(reader.read(1000, 8))).isEqualTo(ByteBuffer.wrap(counting(), 1000, 8));
        assertThat(bytes(reader.read(1000 + BoundedReader.WINDOW - 8, 8)))
                .isEqualTo(ByteBuffer.wrap(counting(), 1000 + BoundedReader.WINDOW - 8, 8));
        assertThat(image.reads()).isEqualTo(1);
        assertThat(bytes(reader.read(1000 + BoundedReader.WINDOW - 7, 8)))
                .isEqualTo(ByteBuffer.wrap(counting(), 1000 + BoundedReader.WINDOW - 7, 8));
        assertThat(bytes(reader.read(999, 8))).isEqualTo(ByteBuffer.wrap(counting(), 999, 8));
        assertThat(image.reads()).isEqualTo(3);
    }

    @Test
    void all_bytes_and_the_last_position_may_be_read() {
        assertThat(new BoundedReader(image, new ReadBudget(8192, 1)).read(0, 8192))
                .isInstanceOf(Read.Bytes.class);
        assertThat(new BoundedReader(image, new ReadBudget(8192, 1)).read(0, 8193))
                .isEqualTo(new Read.OverBudget("8192 bytes"));
        long last = Long.MAX_VALUE - BoundedReader.WINDOW;
        assertThat(bytes(reader.readUpTo(last, 8)).remaining()).isZero();
        assertThat(reader.readUpTo(last + 1, 8)).isEqualTo(new Read.EndOfFile(last + 1, 8, 0));
    }

    @Test
    void a_budget_is_a_window_and_a_read_at_least() {
        assertThat(new BoundedReader(image, new ReadBudget(BoundedReader.WINDOW, 1)).read(0, 1))
                .isInstanceOf(Read.Bytes.class);
        assertThatThrownBy(() -> new ReadBudget(BoundedReader.WINDOW - 1, 1)).hasMessageContaining("window");
        assertThatThrownBy(() -> new ReadBudget(BoundedReader.WINDOW, 0)).hasMessageContaining("window");
    }

    @Test
    void more_than_a_window_is_read_whole() {
        assertThat(bytes(reader.read(100, 8000)).remaining()).isEqualTo(8000);
    }

    @Test
    void the_end_of_the_file_is_not_a_short_answer() {
        assertThat(reader.read(SIZE - 4, 8)).isEqualTo(new Read.EndOfFile(SIZE - 4, 8, 4));
        assertThat(reader.read(SIZE, 1)).isEqualTo(new Read.EndOfFile(SIZE, 1, 0));
    }

    @Test
    void where_asked_for_the_end_of_the_file_is_a_short_answer() {
        assertThat(bytes(reader.readUpTo(SIZE - 4, 8)).remaining()).isEqualTo(4);
        assertThat(bytes(reader.readUpTo(SIZE + 10L, 8)).remaining()).isZero();
    }

    @Test
    void the_bytes_run_out() {
        assertThat(reader.read(0, 10_000)).isInstanceOf(Read.Bytes.class);
        assertThat(reader.read(9000, 7000)).isEqualTo(new Read.OverBudget("16384 bytes"));
        assertThat(image.bytesAsked()).isLessThanOrEqualTo(16_384);
    }

    @Test
    void the_reads_run_out() {
        BoundedReader narrow = new BoundedReader(image, new ReadBudget(1 << 20, 2));
        assertThat(narrow.read(0, 1)).isInstanceOf(Read.Bytes.class);
        assertThat(narrow.read(5000, 1)).isInstanceOf(Read.Bytes.class);
        assertThat(narrow.read(0, 1)).isEqualTo(new Read.OverBudget("2 reads"));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 10})
    void a_position_that_no_file_has_is_past_the_end(long position) {
        assertThat(reader.read(position, 8)).isInstanceOf(Read.EndOfFile.class);
        assertThat(image.reads()).isZero();
    }

    @Test
    void a_failing_read_says_why() {
        image.failReads();
        assertThat(reader.read(0, 8)).isEqualTo(new Read.Failed("Input/output error"));
    }

    private static ByteBuffer bytes(Read read) {
        assertThat(read).isInstanceOf(Read.Bytes.class);
        return ((Read.Bytes) read).data();
    }

    private static byte[] counting() {
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }
}
