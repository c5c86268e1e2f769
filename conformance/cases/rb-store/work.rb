class Work
  def self.put
    Digdag.env.store(got: {n: 1}, "list" => [1, "two", nil])
  end
end
