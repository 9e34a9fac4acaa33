package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import labeler.linux.FileHandle;
import labeler.mcs.CategoryRange;
import labeler.mcs.FreePairs;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host knows of its cluster while the registry is away. */
class StateFilesTest {
    @TempDir
    Path directory;

    @Test
    void a_storage_of_any_type_and_id_survives_the_service() throws IOException {
        Path file = directory.resolve("storages");
        Map<StorageName, Storage> odd = Map.of(
                new StorageName("pool"), new Storage("a b", "c\nd \"e\" f", new FileHandle(1, new byte[] {1, 2})));
        new KnownStorages(file).now(odd);
        assertThat(new KnownStorages(file).all()).isEqualTo(odd);
    }

    @Test
    void damage_is_told_and_not_thrown_about() throws IOException {
        for (String damage :
                new String[] {"pool", "pool nfs4 0:1 zz", "pool {}", " ", "x c1,c2", "1 c1", "99999999999 c1,c2"}) {
            Path file = Files.writeString(directory.resolve("state"), damage + "\nmore");
            assertThatThrownBy(() -> new KnownStorages(file))
                    .as(damage)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is damaged");
            assertThatThrownBy(() -> new PairReserve(file, new FreePairs(CategoryRange.DEFAULT, new Random(1))))
                    .as(damage)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is damaged");
        }
    }
}
