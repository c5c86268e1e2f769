class Work
  def self.bad
    raise "bad value"
  end
end
