package labeler.openfiles;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.linux.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FdInfoTest {
    private static final int DIRECT = 040000;

    private static FdInfo parse(String text) {
        return FdInfo.parse(text).orElseThrow();
    }

    /** From a qemu on Linux 6.12, with its overlay on ext4. */
    @Test
    void a_descriptor_with_its_locks_is_understood() {
        FdInfo info = parse("""
            pos:\t0
            flags:\t02100002
            mnt_id:\t29
            ino:\t131078
            lock:\t1: OFDLCK ADVISORY  READ -1 fe:00:131078 100 101
            lock:\t2: OFDLCK ADVISORY  READ -1 fe:00:131078 103 103
            """);

        assertThat(info.mountId()).isEqualTo(29);
        assertThat(info.inode()).contains(131078L);
        assertThat(info.mode(DIRECT)).contains(new OpenMode(Access.READ_WRITE, false));
    }

    /** Before Linux 5.14. */
    @Test
    void an_older_kernel_does_not_tell_the_inode() {
        assertThat(parse("pos:\t0\nflags:\t0100000\nmnt_id:\t29\n").inode()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0100000, READ_ONLY, false",
        "0100001, WRITE_ONLY, false",
        "0102001, WRITE_ONLY, false",
        "02140002, READ_WRITE, true",
        "0140000, READ_ONLY, true",
        "0100003, READ_WRITE, false"
    })
    void flags_say_how_it_is_open(String flags, Access access, boolean direct) {
        assertThat(parse("flags:\t" + flags + "\nmnt_id:\t1\n").mode(DIRECT)).contains(new OpenMode(access, direct));
    }

    @Test
    void one_that_is_a_place_only_is_not_open() {
        assertThat(parse("flags:\t012000000\nmnt_id:\t1\n").mode(DIRECT)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "flags", "flags:\t0100000\n", "mnt_id:\t1\n", "flags:\t9\nmnt_id:\t1", "flags:\t\nmnt_id:\t1"
            })
    void what_no_kernel_writes_is_nothing(String text) {
        assertThat(FdInfo.parse(text)).isEqualTo(Optional.empty());
    }
}
