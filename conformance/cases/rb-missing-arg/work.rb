class Work
  def self.f(x)
  end
end
